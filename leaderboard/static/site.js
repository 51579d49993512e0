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

  function tips() {
    const tip = document.createElement("div");
    tip.className = "tip";
    tip.hidden = true;
    tip.setAttribute("aria-hidden", "true");
    document.body.append(tip);
    let point = null;
    const place = () => {
      tip.hidden = !point;
      if (!point) return;
      if (!point.isConnected) { point = null; tip.hidden = true; return; }
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

  // Copies the text beside a button; without a clipboard the text is selected instead.
  function copies() {
    document.addEventListener("click", async (event) => {
      const button = event.target.closest?.("[data-copy]");
      if (!button) return;
      const text = button.parentNode.querySelector("code, pre");
      try {
        await navigator.clipboard.writeText(text.textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(text);
        button.textContent = "Selected";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
  }

  // The address behind # holds what a page shows: the skip link must not replace it.
  function skip() {
    document.querySelector(".skip").addEventListener("click", (event) => {
      event.preventDefault();
      document.getElementById("main").focus();
    });
  }

  function failed(root, error) {
    const note = document.createElement("p");
    note.className = "empty";
    note.setAttribute("role", "alert");
    note.textContent = `This part of the page cannot be shown: ${error.message}.`;
    root.replaceChildren(note);
  }

  document.addEventListener("DOMContentLoaded", () => {
    themes(); tips(); copies(); skip();
    for (const root of document.querySelectorAll("[data-app]"))
      Promise.resolve(root).then(window.KB.apps[root.dataset.app]).catch((error) => failed(root, error));
  });
})();
