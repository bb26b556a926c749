// <error-summary tabindex="-1">: takes the focus when it arrives, so that it is read; its links move the focus to the field.
class ErrorSummary extends HTMLElement {
  connectedCallback() {
    this.focus();
    this.addEventListener("click", (event) => {
      const field = event.target.closest("a") && document.getElementById(event.target.closest("a").hash.slice(1));
      if (!field) return;
      event.preventDefault();
      (field.closest(".field") ?? field).scrollIntoView({ block: "center" });
      field.focus({ preventScroll: true });
    });
  }
}
customElements.define("error-summary", ErrorSummary);
