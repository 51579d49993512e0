"use strict";
// A table of which only the rows in view are made, so that ten thousand are as quick as ten.
(() => {
  const HEIGHT = 38, SPARE = 12, WHOLE = 120;

  // What is missing sorts last, both ways; equal values keep their order.
  KB.sorted = (rows, column, down) => {
    const keyed = rows.map((i) => [i, column.value(i)]);
    const missing = (value) => value === null || value === undefined || value === "";
    const sign = down ? -1 : 1;
    const compare = column.numeric ? (a, b) => a - b : new Intl.Collator("en", { numeric: true }).compare;
    const known = keyed.filter(([, value]) => !missing(value));
    known.sort((a, b) => sign * compare(a[1], b[1]));
    return [...known, ...keyed.filter(([, value]) => missing(value))].map(([i]) => i);
  };

  // columns: [{key, title, meaning, numeric, value(i), show(i)}]; show gives text or a node, the first column heads the row.
  KB.table = (place, { label, columns, sort, mark }) => {
    const body = KB.el("tbody");
    const head = KB.el("tr");
    const table = KB.el("table", { class: "board" }, KB.el("caption", { class: "unseen" }, label), KB.el("thead", {}, head), body);
    const box = KB.el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label }, table);
    place.replaceChildren(box);
    let order = [], shown = columns, first = -1, last = -1;

    function line(at) {
      const i = order[at];
      const cells = shown.map((column, k) => KB.el(k ? "td" : "th", { class: column.numeric ? "number" : null, scope: k ? null : "row" }, column.show(i)));
      return KB.el("tr", { class: mark?.(i) || null, "aria-rowindex": at + 2, "data-row": i }, ...cells);
    }
    const gap = (rows) => {
      const cell = KB.el("td", { colspan: shown.length });
      cell.style.height = `${rows * HEIGHT}px`;
      return KB.el("tr", { class: "gap", "aria-hidden": "true" }, cell);
    };
    function draw(force) {
      const whole = order.length <= WHOLE;
      const top = whole ? 0 : Math.max(0, Math.floor(box.scrollTop / HEIGHT) - SPARE);
      const end = whole ? order.length : Math.min(order.length, Math.ceil((box.scrollTop + Math.max(box.clientHeight, 0.75 * innerHeight)) / HEIGHT) + SPARE);
      if (!force && top === first && end === last) return;
      [first, last] = [top, end];
      const rows = [];
      if (top) rows.push(gap(top));
      for (let at = top; at < end; at++) rows.push(line(at));
      if (end < order.length) rows.push(gap(order.length - end));
      if (!order.length) rows.push(KB.el("tr", {}, KB.el("td", { class: "none", colspan: shown.length }, "Nothing matches. Widen the search or the filters.")));
      body.replaceChildren(...rows);
    }
    addEventListener("resize", () => draw(false));
    let waiting = false;
    box.addEventListener("scroll", () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; draw(false); });
    }, { passive: true });

    return {
      show(rows, by, down, list = columns) {
        shown = list;
        order = rows;
        const focused = head.contains(document.activeElement) ? document.activeElement.closest("th").dataset.key : null;
        head.replaceChildren(...shown.map((column) => {
          const state = column.key === by ? (down ? "descending" : "ascending") : null;
          const button = KB.el("button", { type: "button", "data-tip": column.meaning, onclick: () => sort(column.key) }, column.title);
          return KB.el("th", { scope: "col", class: column.numeric ? "number" : null, "aria-sort": state, "data-key": column.key }, button);
        }));
        if (focused) head.querySelector(`th[data-key="${CSS.escape(focused)}"] button`)?.focus();
        box.classList.toggle("windowed", order.length > WHOLE);
        table.setAttribute("aria-rowcount", order.length + 1);
        box.scrollTop = 0;
        draw(true);
      },
    };
  };
})();
