// <confirm-dialog><form>…</form><dialog>…</dialog></confirm-dialog>: asks before the form goes. Only the button with
// value="confirm" lets it. Without script the form goes at once, so its page must still be right.
class ConfirmDialog extends HTMLElement {
  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    this.addEventListener("submit", (event) => this.ask(event), { capture: true });
    this.dialog.addEventListener("close", () => this.answered());
  }

  ask(event) {
    if (this.dialog.contains(event.target) || this.confirmed) return;
    event.preventDefault();
    event.stopPropagation();
    this.form = event.target;
    this.submitter = event.submitter;
    this.dialog.returnValue = "";
    this.dialog.showModal();
  }

  answered() {
    if (this.dialog.returnValue !== "confirm") return;
    this.confirmed = true;
    this.form.requestSubmit(this.submitter);
    this.confirmed = false;
  }
}
customElements.define("confirm-dialog", ConfirmDialog);
