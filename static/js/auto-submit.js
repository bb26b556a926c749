// <auto-submit><form method="get">…<button data-fallback></form></auto-submit>: a filter that acts when it is changed.
// Without script the button does it.
class AutoSubmit extends HTMLElement {
  connectedCallback() {
    this.addEventListener("change", (event) => event.target.form?.requestSubmit());
    for (const button of this.querySelectorAll("[data-fallback]")) button.hidden = true;
  }
}
customElements.define("auto-submit", AutoSubmit);
