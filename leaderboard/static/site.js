"use strict";
(() => {
  const root = document.documentElement;
  const remember = (theme) => { try { localStorage.setItem("theme", theme); } catch { /* no storage here */ } };
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch { /* no storage here */ }

  function themes() {
    const button = document.querySelector("[data-theme-switch]");
    button.hidden = false;
    button.addEventListener("click", () => {
      const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = dark ? "light" : "dark";
      remember(root.dataset.theme);
    });
  }

  // A cell sorts by its data-v: by value in numeric columns, as text in others; empty ones stay last.
  function compare(a, b, numeric) {
    if (a === "" || b === "") return a === b ? 0 : a === "" ? Infinity : -Infinity;
    return numeric ? Number(a) - Number(b) : a.localeCompare(b, "en", { numeric: true });
  }

  function sort(table, heading) {
    const place = [...heading.parentNode.children].indexOf(heading);
    const numeric = heading.classList.contains("number");
    const down = heading.getAttribute("aria-sort") === "ascending";
    for (const other of heading.parentNode.children) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const body = table.tBodies[0];
    const value = (row) => row.children[place].dataset.v ?? "";
    const rows = [...body.rows].map((row, at) => ({ row, at, v: value(row) }));
    rows.sort((a, b) => {
      const by = compare(a.v, b.v, numeric);
      if (Math.abs(by) === Infinity) return by > 0 ? 1 : -1;
      return (down ? -by : by) || a.at - b.at;
    });
    body.append(...rows.map(({ row }) => row));
  }

  function tables() {
    for (const table of document.querySelectorAll("table[data-sortable]"))
      for (const heading of table.tHead.rows[0].cells)
        heading.querySelector("button")?.addEventListener("click", () => sort(table, heading));
  }

  function tips() {
    const tip = document.createElement("div");
    tip.className = "tip";
    tip.hidden = true;
    tip.setAttribute("aria-hidden", "true");
    document.body.append(tip);
    for (const title of document.querySelectorAll(".point > title")) title.remove();
    let point = null;
    const place = () => {
      tip.hidden = !point;
      if (!point) return;
      tip.textContent = point.dataset.tip;
      const at = point.getBoundingClientRect();
      const box = tip.getBoundingClientRect();
      const left = Math.min(Math.max(8, at.left + at.width / 2 - box.width / 2), innerWidth - box.width - 8);
      const top = at.top - box.height - 8;
      tip.style.left = `${left}px`;
      tip.style.top = `${top < 4 ? at.bottom + 8 : top}px`;
    };
    const show = (event) => { point = event.target.closest?.("[data-tip]") ?? null; place(); };
    document.addEventListener("pointerover", show);
    document.addEventListener("focusin", show);
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") { point = null; place(); } });
    document.addEventListener("scroll", place, { passive: true, capture: true });
  }

  function copies() {
    for (const button of document.querySelectorAll("[data-copy]")) {
      if (!navigator.clipboard) continue;
      button.hidden = false;
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(button.parentNode.querySelector("code").textContent);
        button.textContent = "Copied";
        setTimeout(() => { button.textContent = "Copy"; }, 1500);
      });
    }
  }

  document.addEventListener("DOMContentLoaded", () => { themes(); tables(); tips(); copies(); });
})();
