"use strict";
// Columns that the tables of a dataset, of a solver and of everything share; `c` are the columns of the data.
(() => {
  const F = KB.format;
  const VERDICTS = { never: "never", unmatched: "unmatched", elsewhere: F.NONE };

  KB.flags = (c, i) => {
    const found = [];
    if (c.stale[i]) found.push(["stale", "Made by code that has changed since"]);
    if (c.noisy[i]) found.push(["noisy", "The machine was busy: do not trust its times"]);
    if (c.elsewhere[i]) found.push(["fit elsewhere", `Fit made on ${c.elsewhere[i]}: its seconds are not added to others`]);
    if (c.state[i] === "ok" && c.reason[i]) found.push([c.reason[i].length > 28 ? "not all seeds" : c.reason[i], c.reason[i]]);
    return found.map(([name, why]) => KB.el("span", { class: "flag", "data-tip": why, tabindex: "0" }, name, KB.el("span", { class: "unseen" }, `: ${why}`)));
  };

  KB.tier = (tier) => (tier === null ? F.NONE : KB.el("span", { class: `tier${tier === 1 ? " first" : ""}` }, String(tier)));

  const state = (c, i) => (c.state[i] === "ok" ? "ok" : KB.el("span", {}, KB.el("span", { class: `state ${c.state[i]}` }, c.state[i]), c.reason[i] ? ` ${c.reason[i]}` : ""));

  const seconds = (key, title, meaning, c) => ({
    key, title, meaning, numeric: true,
    value: (i) => c[key][i],
    show: (i) => F.seconds(c[key][i]) + (key === "fit" && c.elsewhere[i] ? "*" : ""),
  });

  KB.columns = (c, { solvers, index }) => ({
    solver: {
      key: "solver", title: "Solver", meaning: "The method",
      value: (i) => solvers[c.solver[i]],
      show: (i) => {
        const [style, page] = index[solvers[c.solver[i]]] ?? [0, "index.html"];
        return KB.el("a", { href: KB.page(page) }, KB.key(style), solvers[c.solver[i]]);
      },
    },
    setting: {
      key: "setting", title: "Setting", meaning: "What tells it from the method's other settings; leads to the record",
      value: (i) => c.setting[i],
      show: (i) => KB.el("div", { class: "cell" }, KB.el("a", { href: KB.recordHref(c.record[i]), class: "name" }, c.setting[i] || "default"), ...KB.flags(c, i)),
    },
    tier: {
      key: "tier", title: "Tier", numeric: true, meaning: "Settings of one tier cannot be told from the best of it: tiers, not places",
      value: (i) => c.tier[i], show: (i) => (c.state[i] === "ok" ? KB.tier(c.tier[i]) : KB.el("span", { class: `state ${c.state[i]}` }, c.state[i])),
    },
    all: (cases) => seconds("all", cases > 1 ? `Total, ${F.count(cases)} cases` : "Total", "Data, fit and solving from nothing", c),
    one: seconds("one", "Total, 1 case", "Data, fit and solving one case, from nothing", c),
    fit: seconds("fit", "Fit", "Training, or other work before the first query; * made on another machine", c),
    cold: seconds("cold", "Cold", "First call of a new process, compilation included", c),
    warm: seconds("warm", "Warm / case", "Later calls, for each case of a batch", c),
    memory: { key: "memory", title: "Memory", numeric: true, meaning: "Peak of the process tree", value: (i) => c.memory[i], show: (i) => F.memory(c.memory[i]) },
    pays: {
      key: "pays", title: "Pays from", numeric: true,
      meaning: "Cases from which training pays against the cheapest classical setting that is as accurate",
      value: (i) => (typeof c.pays[i] === "number" ? c.pays[i] : c.pays[i] === "unmatched" ? 0 : null),
      show: (i) => (typeof c.pays[i] === "number" ? F.count(c.pays[i]) : VERDICTS[c.pays[i]] ?? F.NONE),
    },
    seeds: { key: "seeds", title: "Seeds", numeric: true, meaning: "Seeds that were merged", value: (i) => c.seeds[i], show: (i) => String(c.seeds[i]) },
    state: { key: "state", title: "State", meaning: "How it ended", value: (i) => (c.state[i] === "ok" ? "ok" : `${c.state[i]} ${c.reason[i]}`), show: (i) => state(c, i) },
    trust: { key: "trust", title: "Trust", meaning: "Who ran and scored it; rescored here: errors computed here, times as reported", value: (i) => c.trust[i], show: (i) => c.trust[i] },
  });
})();
