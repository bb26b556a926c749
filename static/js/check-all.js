// <check-all> around a table: a box in its head ([data-all], hidden without script) ticks every row that is shown,
// shift-click ticks from the last box to this one, and [data-count] says how many are ticked.
class CheckAll extends HTMLElement {
  connectedCallback() {
    this.all = this.querySelector("[data-all]");
    this.all?.closest("[hidden]")?.removeAttribute("hidden");
    this.addEventListener("click", (event) => this.clicked(event));
    this.tell();
  }

  get boxes() {
    return [...this.querySelectorAll("tbody input[type=checkbox]:not(:disabled)")].filter((box) => !box.closest("[hidden]"));
  }

  clicked(event) {
    const { target } = event;
    if (!target.matches("input[type=checkbox]")) return;
    const boxes = this.boxes;
    if (target === this.all) for (const box of boxes) box.checked = target.checked;
    else {
      const [from, to] = [boxes.indexOf(this.last), boxes.indexOf(target)].sort((a, b) => a - b);
      if (event.shiftKey && from >= 0) for (const box of boxes.slice(from, to + 1)) box.checked = target.checked;
      this.last = target;
    }
    this.tell();
  }

  tell() {
    const boxes = this.boxes;
    const ticked = boxes.filter((box) => box.checked).length;
    if (this.all) {
      this.all.checked = ticked > 0 && ticked === boxes.length;
      this.all.indeterminate = ticked > 0 && ticked < boxes.length;
    }
    for (const place of this.querySelectorAll("[data-count]")) place.textContent = ticked;
  }
}
customElements.define("check-all", CheckAll);
