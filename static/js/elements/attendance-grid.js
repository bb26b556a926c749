// <attendance-grid><form>…<button class="tick">…</form></attendance-grid>: arrow keys go from cell to cell, and a mark that
// did not reach the server says so and is sent again by the next press. Without script the form sends each press itself.
class AttendanceGrid extends HTMLElement {
  connectedCallback() {
    this.addEventListener("keydown", (event) => this.move(event));
    for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
      this.addEventListener(failure, (event) => {
        event.target.closest("td")?.querySelector(".tick")?.classList.add("is-unsaved");
        this.tell();
      });
    }
    this.addEventListener("htmx:afterSettle", () => this.tell());
    window.addEventListener("beforeunload", this.warn);
  }

  disconnectedCallback() { window.removeEventListener("beforeunload", this.warn); }

  tell() { this.querySelector("[data-unsaved]").hidden = !this.querySelector(".is-unsaved"); }

  warn = (event) => { if (this.querySelector(".is-unsaved")) event.preventDefault(); };

  move(event) {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!step || !event.target.matches(".tick")) return;
    event.preventDefault();
    const rows = [...this.querySelectorAll("tbody tr:not([hidden])")];
    const row = event.target.closest("tr");
    const column = [...row.querySelectorAll(".tick")].indexOf(event.target);
    const next = rows[rows.indexOf(row) + step[0]];
    next?.querySelectorAll(".tick")[column + step[1]]?.focus();
  }
}
customElements.define("attendance-grid", AttendanceGrid);
