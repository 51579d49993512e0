"use strict";
// Every setting of every dataset in one table, or those of one solver. Seconds of one machine only are shown at once.
(() => {
  const F = KB.format;
  const USUAL = { on: "", sort: "", dir: "up", q: "", equation: "", dataset: "", family: "", state: "", trust: "", fresh: "" };

  KB.apps ??= {};
  KB.apps.results = async (root) => {
    const [site, data] = await Promise.all([KB.load("site"), KB.load(root.dataset.source)]);
    const { boards, columns: c } = data;
    const machine = boards.map((one) => `${one.place} · ${one.machine} (${one.hardware})`);
    const counts = new Map();
    for (const at of c.board) counts.set(machine[at], (counts.get(machine[at]) ?? 0) + 1);
    const places = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([name]) => name);
    const rows = { all: c.board.map((_, i) => i), text: (i) => { const one = boards[c.board[i]]; return `${data.solvers[c.solver[i]]} ${c.setting[i]} ${one.title} ${one.detail} ${one.equation} ${one.place} ${c.family[i]} ${c.state[i]} ${c.reason[i]} ${c.trust[i]}${c.stale[i] ? " stale" : ""}${c.noisy[i] ? " noisy" : ""}`; } };
    const state = KB.state({ ...USUAL, on: places[0] ?? "" }, () => render());
    const s = state.get();
    const set = (key) => (value) => state.set({ [key]: value });
    const of = (key) => c.board.map((at) => boards[at][key]);
    const lists = {
      on: ["Machine", places.map((name) => [name, `${name} (${F.count(counts.get(name))})`])],
      equation: ["Equation", KB.options(of("equation"), "All equations")],
      dataset: ["Dataset", KB.options(of("title"), "All datasets")],
      family: ["Family", KB.options(c.family, "All families")],
      state: ["State", KB.options(c.state, "All states")],
      trust: ["Trust", KB.options(c.trust, "All")],
      fresh: ["Code", [["", "All"], ["current", "Not stale"], ["quiet", "Neither stale nor noisy"]]],
    };
    const choices = Object.fromEntries(Object.entries(lists).map(([key, [label, options]]) => [key, KB.select(label, options, s[key], set(key))]));
    choices.on.node.classList.add("wide");
    const search = KB.search("Search", s.q, (value) => state.set({ q: value }, true));
    const count = KB.el("p", { class: "count", role: "status", "aria-live": "polite" });
    const place = KB.el("div");
    const cols = KB.columns(c, { solvers: data.solvers, index: site.solvers });
    const text = (key, title, meaning, value) => ({ key, title, meaning, value, show: value });
    const dataset = { key: "dataset", title: "Dataset", meaning: "The problem and what tells it from its other variants", value: (i) => `${boards[c.board[i]].title} ${boards[c.board[i]].detail}`, show: (i) => [KB.el("a", { href: KB.page(boards[c.board[i]].page) }, boards[c.board[i]].title), KB.el("small", {}, ` ${boards[c.board[i]].detail}`)] };
    const error = { key: "error", title: "Error that ranks", numeric: true, meaning: "In the metric that ranks the dataset, at the last time", value: (i) => c.error[i], show: (i) => F.error(c.error[i], c.low[i], c.high[i]) };
    const list = [
      ...(root.dataset.source === "results" ? [cols.solver] : []), dataset, cols.setting, cols.tier, error,
      text("metric", "Metric", "The metric that ranks", (i) => boards[c.board[i]].metric),
      { ...cols.all(1), title: "Total, all cases" }, cols.fit, cols.warm, cols.memory, cols.state, cols.trust,
    ];
    const grid = KB.table(place, {
      label: "Settings", columns: list, mark: (i) => (c.frontier[i] ? "best" : ""),
      sort: (key) => { const now = state.get(); state.set({ sort: key, dir: now.sort === key && now.dir === "up" ? "down" : "up" }); },
    });

    function render() {
      const s = state.get();
      const on = places.includes(s.on) ? s.on : places[0];
      for (const [key, choice] of Object.entries(choices)) choice.set(lists[key][1], key === "on" ? on : s[key]);
      search.set(s.q);
      const tests = [(i) => machine[c.board[i]] === on];
      if (s.equation) tests.push((i) => boards[c.board[i]].equation === s.equation);
      if (s.dataset) tests.push((i) => boards[c.board[i]].title === s.dataset);
      for (const key of ["family", "state", "trust"]) if (s[key]) tests.push((i) => c[key][i] === s[key]);
      if (s.fresh) tests.push((i) => !c.stale[i] && (s.fresh === "current" || !c.noisy[i]));
      const found = KB.matching(rows, s.q, tests);
      const by = list.find((column) => column.key === s.sort);
      grid.show(by ? KB.sorted(found, by, s.dir === "down") : found, by?.key, s.dir === "down");
      count.textContent = `${F.count(found.length)} of ${F.count(rows.all.length)} settings. Tiers and bold rows (Pareto frontier) are meant within a dataset and machine.`;
    }

    choices.on.node.hidden = places.length < 2;
    const shown = Object.entries(choices).filter(([key]) => key === "on" || lists[key][1].length > 2 || s[key]).map(([, choice]) => choice.node);
    root.replaceChildren(KB.el("div", { class: "controls" }, search.node, ...shown), count, place, KB.downloads(root.dataset.table, [["", "This table, every machine"]]));
    for (const one of document.querySelectorAll("[data-static]")) one.hidden = true;
    render();
    document.documentElement.dataset.usable = String(Math.round(performance.now()));
  };
})();
