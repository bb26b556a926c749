// <copy-text><code data-copy>…</code><button hidden>Copy</button><output data-done="Copied"></output></copy-text>
class CopyText extends HTMLElement {
  connectedCallback() {
    if (!navigator.clipboard) return;
    const button = this.querySelector("button");
    const output = this.querySelector("output");
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(this.querySelector("[data-copy]").textContent.trim());
      output.textContent = output.dataset.done;
      setTimeout(() => { output.textContent = ""; }, 4000);
    });
  }
}
customElements.define("copy-text", CopyText);
