// <flash-note>…<button hidden></flash-note>: a note that can be dismissed. It never leaves by itself: some read slowly.
class FlashNote extends HTMLElement {
  connectedCallback() {
    const button = this.querySelector("button");
    if (!button) return;
    button.hidden = false;
    button.addEventListener("click", () => {
      this.remove();
      document.getElementById("main")?.focus();
    });
  }
}
customElements.define("flash-note", FlashNote);
