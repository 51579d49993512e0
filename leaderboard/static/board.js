"use strict";
// The page of a dataset: choices, charts and the table of one board at a time.
(() => {
  const F = KB.format;
  const USUAL = { on: "", m: "", t: "", x: "all", sort: "tier", dir: "up", q: "", family: "", state: "", trust: "", off: "" };
  const COSTS = [
    ["all", "Total, all cases", "Seconds to solve all cases from nothing"], ["one", "Total, one case", "Seconds to solve one case from nothing"],
    ["warm", "Warm, a case", "Seconds of a later call, a case"], ["fit", "Fit", "Seconds of the fit"], ["memory", "Memory", "Peak memory of the process tree"],
  ];

  KB.apps ??= {};
  KB.apps.board = async (root) => {
    const ids = root.dataset.boards.split(",");
    const site = await KB.load("site");
    const at = location.hash.includes("=") ? new URLSearchParams(location.hash.slice(1)).get("on") : "";
    const boards = new Map(await Promise.all([ids.includes(at) ? at : ids[0]].map(async (id) => [id, await KB.load(`boards/${id}`)])));
    const parts = {};
    const state = KB.state({ ...USUAL, on: ids[0] }, () => render());
    let board, rows, shownId = "";

    async function render() {
      const s = state.get();
      const id = ids.includes(s.on) ? s.on : ids[0];
      if (!boards.has(id)) boards.set(id, await KB.load(`boards/${id}`));
      if (id !== shownId) { shownId = id; board = boards.get(id); build(); }
      const metric = Math.max(0, board.metrics.findIndex((one) => one.name === s.m));
      const times = board.metrics[metric]?.times ?? [];
      const time = s.t !== "" && Number(s.t) < times.length && Number(s.t) >= 0 ? Number(s.t) : times.length - 1;
      let errors = board.metrics.length ? await KB.load(`boards/${id}.${metric}`) : null;
      // a very large board has intervals for the errors that rank only
      if (errors && !errors.low && metric === 0) errors = { ...errors, low: { [times.length - 1]: board.columns.low }, high: { [times.length - 1]: board.columns.high } };
      if (state.get() !== s) return;
      const off = new Set(s.off.split("~").filter(Boolean));
      const c = board.columns;
      const tests = [(i) => !off.has(board.solvers[c.solver[i]])];
      for (const key of ["family", "state", "trust"]) if (s[key]) tests.push((i) => c[key][i] === s[key]);
      const view = { board, c, site, s, off, metric, time, errors, rows: KB.matching(rows, s.q, tests), label: board.metrics[metric]?.label ?? "Error" };
      view.error = (i, t = time, from = errors) => from?.mean[t]?.[i] ?? null;
      parts.follow(view);
      KB.boardChart(parts, view);
      KB.boardTable(parts, view, state);
      KB.boardMore(parts, view);
    }

    function build() {
      const c = board.columns;
      rows = { all: c.solver.map((_, i) => i), text: (i) => `${board.solvers[c.solver[i]]} ${c.setting[i]} ${c.state[i]} ${c.reason[i]} ${c.trust[i]} ${c.family[i]}${c.stale[i] ? " stale" : ""}${c.noisy[i] ? " noisy" : ""}` };
      const set = (key) => (value) => state.set({ [key]: value });
      const s = state.get();
      const place = KB.select("Machine", ids.map((id, k) => [id, root.dataset.places.split("|")[k]]), s.on, (value) => state.set({ on: value, m: "", t: "", off: "" }));
      place.node.hidden = ids.length < 2;
      const metric = KB.select("Error", board.metrics.map((one, k) => [one.name, k ? one.label : `${one.label} (ranks)`]), s.m, (value) => state.set({ m: value === board.metrics[0].name ? "" : value, t: "" }));
      const time = KB.select("At time", [], "", set("t"));
      const costs = COSTS.filter(([key]) => (board.cases > 1 || key !== "one") && c[key].some((value) => value > 0));
      const axes = [...costs.map(([key, name]) => [key, key === "all" ? (board.cases > 1 ? `Total, ${F.count(board.cases)} cases` : "Total") : name]), ...Object.keys(board.parameters).map((name) => [`p:${name}`, `Parameter ${name}`])];
      const cost = KB.select("Against", axes, s.x, set("x"));
      const legend = KB.legend(board.solvers.map((name) => ({ name, style: site.solvers[name]?.[0] ?? 0, dashed: c.family[c.solver.indexOf(board.solvers.indexOf(name))] === "learned" })),
        (name) => state.get().off.split("~").includes(name),
        (name) => {
          const off = state.get().off.split("~").filter(Boolean);
          state.set({ off: (off.includes(name) ? off.filter((one) => one !== name) : [...off, name]).join("~") });
        });
      const search = KB.search("Search", s.q, (value) => state.set({ q: value }, true));
      const family = KB.select("Family", KB.options(c.family, "All families"), s.family, set("family"));
      const states = KB.select("State", KB.options(c.state, "All states"), s.state, set("state"));
      const trust = KB.select("Trust", KB.options(c.trust, "All"), s.trust, set("trust"));
      parts.count = KB.el("p", { class: "count", role: "status", "aria-live": "polite" });
      parts.chart = KB.el("div");
      parts.caption = KB.el("p", { class: "caption" });
      parts.table = KB.el("div");
      parts.more = KB.el("div");
      parts.built = "";
      parts.follow = (view) => {
        const times = board.metrics[view.metric]?.times ?? [];
        place.set(ids.map((id, k) => [id, root.dataset.places.split("|")[k]]), shownId);
        metric.set(board.metrics.map((one, k) => [one.name, k ? one.label : `${one.label} (ranks)`]), board.metrics[view.metric]?.name ?? "");
        time.set(times.map((t, k) => [String(k), k === times.length - 1 ? `${F.power(t)} (last)` : F.power(t)]), String(view.time));
        time.node.hidden = times.length < 2;
        cost.set(axes, view.s.x);
        search.set(view.s.q);
        family.set(KB.options(c.family, "All families"), view.s.family);
        states.set(KB.options(c.state, "All states"), view.s.state);
        trust.set(KB.options(c.trust, "All"), view.s.trust);
        legend.set();
      };
      const bar = (...nodes) => KB.el("div", { class: "controls" }, ...nodes);
      root.replaceChildren(
        KB.el("p", { class: "detail machine" }, `${board.place}, ${board.batch} · ${board.machine}`),
        KB.el("section", { class: "charts", "aria-label": "Error against cost" }, bar(place.node, metric.node, time.node, cost.node), legend.node, parts.chart, parts.caption),
        KB.el("h2", { id: "settings" }, "Every setting"),
        bar(search.node, family.node, states.node, trust.node), parts.count, parts.table,
        KB.downloads(board.id, [["settings", "Settings"], ["errors", "Errors, every metric and time"], ["reach", "Cost to reach an error"]]),
        parts.more,
      );
      for (const one of document.querySelectorAll("[data-static]")) one.hidden = true;
    }
    await render();
    document.documentElement.dataset.usable = String(Math.round(performance.now()));
  };

  KB.downloads = (id, tables) => KB.el("p", { class: "downloads" }, ...tables.map(([part, title]) => KB.el("span", {}, `${title}: `,
    ...["csv", "json", "parquet"].map((kind) => KB.el("a", { href: `data/tables/${id}${part ? `.${part}` : ""}.${kind}`, download: true, "aria-label": `${title} as ${kind}` }, kind === "parquet" ? "Parquet" : kind.toUpperCase())))));

  // The x axis that a choice stands for.
  KB.axis = (view) => {
    const { board, s } = view;
    if (s.x.startsWith("p:") && board.parameters[s.x.slice(2)]) {
      const values = board.parameters[s.x.slice(2)];
      const positive = values.every((value) => value === null || value > 0);
      return { values, label: s.x.slice(2), log: positive, kind: "number", cost: false };
    }
    const [key, , label] = COSTS.find(([name]) => name === s.x) ?? COSTS[0];
    const many = key === "all" ? `Seconds to solve ${board.cases === 1 ? "one case" : `${F.count(board.cases)} cases`} from nothing` : label;
    return { values: view.c[key], label: many, log: true, kind: key === "memory" ? "bytes" : "seconds", cost: true };
  };
})();
