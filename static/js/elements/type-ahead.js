// <type-ahead><form>…<input>…<div id="suggested"><button>…</div></form></type-ahead>: arrow keys go from the names typed to
// the people suggested and back, Escape puts these away, and after someone was added the next one is typed at once.
let goesOn = false;

class TypeAhead extends HTMLElement {
  connectedCallback() {
    this.addEventListener("keydown", (event) => this.pressed(event));
    this.addEventListener("htmx:beforeRequest", (event) => { if (event.detail.requestConfig.verb === "post") goesOn = true; });
    if (goesOn) this.querySelector("[aria-invalid=true], input:not([type=hidden])")?.focus();
    goesOn = false;
  }

  pressed(event) {
    const suggested = [...this.querySelectorAll("#suggested button")];
    if (event.key === "Escape" && suggested.length) {
      this.querySelector("#suggested").replaceChildren();
      this.querySelector("input:not([type=hidden])")?.focus();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !suggested.length) return;
    event.preventDefault();
    const next = suggested[suggested.indexOf(document.activeElement) + step];
    (next ?? this.querySelector("input:not([type=hidden])")).focus();
  }
}
customElements.define("type-ahead", TypeAhead);
