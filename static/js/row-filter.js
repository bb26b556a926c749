// <row-filter for="roster"><div class="field" hidden><label>…<input type="search"></div><output></output></row-filter>:
// hides the rows of a table that hold none of what is typed. It brings its field only where there is script.
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

class RowFilter extends HTMLElement {
  connectedCallback() {
    const input = this.querySelector("input");
    this.querySelector("[hidden]")?.removeAttribute("hidden");
    input.addEventListener("input", () => this.filter(plain(input.value).split(/\s+/).filter(Boolean)));
    input.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  }

  filter(words) {
    const rows = [...document.querySelectorAll(`#${CSS.escape(this.getAttribute("for"))} tbody tr`)];
    for (const row of rows) row.hidden = !words.every((word) => plain(row.textContent).includes(word));
    const output = this.querySelector("output");
    if (output) output.textContent = words.length ? `${rows.filter((row) => !row.hidden).length} / ${rows.length}` : "";
  }
}
customElements.define("row-filter", RowFilter);
