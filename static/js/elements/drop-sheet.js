// <drop-sheet><form>…<textarea>…<input type="file">…</form></drop-sheet>: a file dropped anywhere on the page, or cells pasted
// while no field has the focus, go into the form, which is sent. Without script the fields do it.
class DropSheet extends HTMLElement {
  connectedCallback() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    document.addEventListener("dragover", (event) => this.over(event), { signal });
    document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) this.classList.remove("is-over"); }, { signal });
    document.addEventListener("drop", (event) => this.dropped(event), { signal });
    document.addEventListener("paste", (event) => this.pasted(event), { signal });
  }

  disconnectedCallback() { this.listening.abort(); }

  over(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.classList.add("is-over");
  }

  dropped(event) {
    this.classList.remove("is-over");
    const { files } = event.dataTransfer;
    if (!files.length) return;
    event.preventDefault();
    this.querySelector("input[type=file]").files = files;
    this.send();
  }

  pasted(event) {
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const text = event.clipboardData.getData("text/plain");
    if (!/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    this.querySelector("textarea").value = text;
    this.send();
  }

  send() {
    const form = this.querySelector("form");
    const unanswered = [...form.querySelectorAll("select[required]")].find((field) => !field.value);
    if (unanswered) unanswered.focus();
    else form.requestSubmit(form.querySelector("[data-sends]"));
  }
}
customElements.define("drop-sheet", DropSheet);
