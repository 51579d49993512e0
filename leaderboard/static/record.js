"use strict";
// The view of one record: record.html#<cell>.<run>.
(() => {
  const F = KB.format;
  const NAME = /^([0-9a-f]{2})[0-9a-f]{62}\.\d{8}T\d{6}Z-[0-9a-f]{4,16}$/;

  KB.apps ??= {};
  KB.apps.record = async (root) => {
    async function show() {
      const name = location.hash.slice(1);
      const match = NAME.exec(name);
      if (!match) return missing(root, "No record is named in the address.");
      let shard = {};
      try { shard = await KB.load(`records/${match[1]}`); } catch { /* told below */ }
      const site = await KB.load("site");
      if (location.hash.slice(1) !== name) return;
      if (!Object.hasOwn(shard, name)) return missing(root, "There is no such record on this site.");
      view(root, name, shard[name], site, Object.keys(shard).filter((one) => one.startsWith(`${name.split(".")[0]}.`)));
    }
    addEventListener("hashchange", () => show());
    await show();
  };

  function missing(root, text) {
    root.replaceChildren(KB.el("h1", {}, "Record"), KB.el("p", { class: "empty" }, text, " ", KB.el("a", { href: "results.html" }, "All results")));
  }

  const pairs = (rows) => KB.el("dl", { class: "pairs" }, ...rows.filter(Boolean).map(([key, value]) => KB.el("div", {}, KB.el("dt", {}, key), KB.el("dd", {}, value))));
  const fact = (title, rows) => KB.el("section", { class: "fact" }, KB.el("h3", {}, title), pairs(rows));

  function view(root, name, r, site, attempts) {
    const [style] = site.solvers[r.solver] ?? [0];
    document.title = `${r.solver}, ${r.setting} on ${r.dataset} · kineticbench`;
    const links = (label, list, current) => (list.length > 1 ? [` ${label}: `, ...list.flatMap(([shown, to], k) => [k ? ", " : "", to === current ? KB.el("strong", {}, String(shown)) : KB.el("a", { href: KB.recordHref(to) }, String(shown))]), "."] : []);
    const when = `${name.slice(65, 69)}-${name.slice(69, 71)}-${name.slice(71, 73)} ${name.slice(74, 76)}:${name.slice(76, 78)} UTC`;
    const charts = [];
    const parts = [
      KB.el("nav", { class: "crumbs", "aria-label": "Breadcrumb" }, KB.el("a", { href: "index.html" }, "Leaderboard"), " / ", KB.el("a", { href: KB.page(r.page) }, r.dataset), " / ", KB.el("a", { href: KB.page(r.solver_page) }, r.solver), " / Record"),
      KB.el("h1", {}, KB.key(style), `${r.solver} `, KB.el("span", { class: "light" }, r.setting)),
      KB.el("p", { class: "detail" }, KB.el("span", { class: `state ${r.state}` }, r.state), ` on ${r.dataset}, ${r.detail}; begun ${when}; ${r.trust}.`,
        r.stale ? KB.el("span", { class: "flag" }, "stale: made by code that has changed since") : "", r.solve?.noisy ? KB.el("span", { class: "flag" }, "noisy: do not trust its times") : ""),
      KB.el("p", { class: "detail" }, ...links("Seeds", r.seeds ?? [], name), ...links("Attempts at this cell", attempts.map((one) => [one.slice(65, 81), one]), name)),
    ];
    if (r.reason) parts.push(KB.el("pre", { class: "reason", tabindex: "0" }, r.reason));
    if (r.command) parts.push(KB.el("h2", {}, "Repeat it"), KB.el("div", { class: "command" }, KB.el("pre", { tabindex: "0" }, KB.el("code", {}, r.command)), KB.el("button", { type: "button", "data-copy": true }, "Copy")));
    if (r.scores?.length) parts.push(...scores(r, style, charts));
    if (r.pictures) parts.push(KB.el("h2", {}, "Pictures"), KB.pictures(name));
    parts.push(KB.el("h2", {}, "Settings, cost and machine"), KB.el("div", { class: "columns" }, ...facts(r)));
    if (r.solve) parts.push(...times(r, style, charts));
    if (r.curves || r.diagnostics) parts.push(...diagnostics(r, style, charts));
    if (r.log) parts.push(KB.el("details", {}, KB.el("summary", {}, "Log"), KB.el("pre", { class: "log", tabindex: "0" }, r.log)));
    parts.push(KB.el("p", { class: "caption" }, "The record itself, with the means over 64 blocks of cases, is the file ", KB.el("code", {}, `${name}.json`), " of the results folder."));
    root.replaceChildren(...parts);
    for (const { node, spec } of charts) KB.chart(node, spec);
  }

  function panel(charts, spec) {
    const node = KB.el("div");
    charts.push({ node, spec: { height: 300, names: false, lines: true, ...spec } });
    return KB.el("figure", { class: "figure" }, KB.el("figcaption", {}, spec.title), node);
  }

  function scores(r, style, charts) {
    const most = Math.max(...r.scores.map(([, times]) => times.length));
    const wide = most > 1 && r.scores.filter(([, times]) => times.length > 1);
    const lines = r.scores.flatMap(([label, times, means, floors, bars, beside]) => times.map((t, k) => KB.el("tr", {}, KB.el("th", { scope: "row" }, k ? KB.el("span", { class: "unseen" }, label) : label), ...[F.power(t), F.number(means[k]), F.number(floors[k]), F.number(bars[k])].map((text) => KB.el("td", { class: "number" }, text)), KB.el("td", { class: "wide" }, k === times.length - 1 ? beside.map(([key, value]) => `${key} ${F.number(value)}`).join(", ") : ""))));
    const head = KB.el("tr", {}, ...["Metric", "Time", "Mean", "Floor", "Error of the reference", "Beside it"].map((text, k) => KB.el("th", { scope: "col", class: k && k < 5 ? "number" : null }, text)));
    const made = [KB.el("h2", {}, "Scores")];
    if (wide?.length) made.push(KB.el("div", { class: "grid three" }, ...wide.slice(0, 6).map(([label, times, means, floors]) => panel(charts, {
      title: label, x: { label: "Time", kind: "number", zero: true }, y: { label: "Error", kind: "number", log: true }, height: 240,
      series: [{ name: "", style, points: times.map((t, k) => ({ x: t, y: means[k], floor: floors[k], tip: `t = ${F.power(t)}: ${F.number(means[k])}` })).filter((p) => p.y > 0 && p.x > 0) }],
    })).filter(Boolean)));
    made.push(KB.el("div", { class: "scroll tall", tabindex: "0", role: "region", "aria-label": "Scores" }, KB.el("table", {}, KB.el("thead", {}, head), KB.el("tbody", {}, ...lines))));
    if (r.missing?.length) made.push(KB.el("h3", {}, "Not scored"), pairs(r.missing));
    return made;
  }

  function facts(r) {
    const [seed, device, threads, precision, seconds, bytes] = r.run;
    const made = [
      fact("Solver", [["name", r.solver], ...r.parameters]),
      fact("Dataset", [["name", r.dataset], ...r.problem]),
      fact("Run", [["seed", String(seed)], ["device", device], ["threads", String(threads)], ["precision", precision], ["limits", `${F.seconds(seconds)}, ${F.memory(bytes)}`], ["trust", r.trust], ["family", r.family || F.NONE]]),
    ];
    const cost = [];
    if (r.fit) {
      const [data, fit, amortised, elsewhere, restored] = r.fit;
      const where = elsewhere ? ` on ${elsewhere}` : "";
      cost.push(["training data", F.seconds(data) + where], ["fit", F.seconds(fit) + where + (restored ? ", found ready" : "")], ["one fit serves", amortised ? "every case" : "this batch"]);
    }
    if (r.solve) {
      const s = r.solve;
      cost.push(["cold call", F.seconds(s.cold) + (s.fresh ? " in a new process" : "")], ["cases a call", s.cases === null ? F.NONE : F.count(s.cases)], ["peak memory", F.memory(s.peak)], ["memory before", F.memory(s.before)], ["peak memory of the GPU", F.memory(s.device_peak)], ["energy", s.energy === null ? F.NONE : `${F.number(s.energy)} J`], ["noisy", s.noisy ? "yes: do not trust these times" : "no"]);
    }
    if (cost.length) made.push(fact(r.reported ? "Cost, as its author reports it" : "Cost", cost));
    if (r.reported) made.push(fact("Reported by its author", r.reported));
    const against = r.stale === null ? "unknown here" : r.stale ? "changed since: stale" : "the same";
    made.push(fact("Hardware", [["machine", r.machine], ["system", r.system]]));
    made.push(fact("Code", [["commit", r.commit + (r.dirty ? " with changes" : "")], ["hash", r.code.slice(0, 16)], ["against today's code", against], ...r.packages]));
    return made;
  }

  function times(r, style, charts) {
    const lists = [["Warm calls", r.solve.warm], ["Copies to the host", r.solve.home], ["Reference kernel", r.solve.kernel]].filter(([, samples]) => samples.length);
    if (!lists.length) return [];
    const made = [KB.el("h2", {}, "Raw times")];
    const drawn = lists.filter(([, samples]) => samples.length > 2);
    if (drawn.length) made.push(KB.el("div", { class: "grid three" }, ...drawn.map(([title, samples]) => panel(charts, {
      title: `${title}${title === "Warm calls" && r.solve.calls > samples.length ? `, ${samples.length} of ${F.count(r.solve.calls)}` : ""}`,
      x: { label: "Call", kind: "number" }, y: { label: "Seconds", kind: "seconds" }, height: 220,
      series: [{ name: "", style, points: samples.map((second, k) => ({ x: k + 1, y: second, tip: `call ${k + 1}: ${F.seconds(second)}` })) }],
    }))));
    made.push(KB.el("dl", { class: "pairs raw" }, ...lists.map(([title, samples]) => KB.el("div", {}, KB.el("dt", {}, title), KB.el("dd", {}, samples.map(F.seconds).join(" · "))))));
    return made;
  }

  function diagnostics(r, style, charts) {
    const made = [KB.el("h2", {}, "Diagnostics")];
    if (r.diagnostics) made.push(pairs(r.diagnostics.map(([key, value]) => [key, F.number(value)])));
    if (r.curves) made.push(KB.el("div", { class: "grid three" }, ...r.curves.map(([title, step, values]) => {
      const known = values.map((value, k) => ({ x: k * step, y: value })).filter((p) => p.y !== null);
      return panel(charts, {
        title, x: { label: "Entry", kind: "number" }, y: { label: title, kind: "number", log: known.every((p) => p.y > 0) }, height: 240,
        series: [{ name: "", style, dashed: r.family === "learned", marks: known.length > 60 ? false : undefined, points: known.map((p) => ({ ...p, tip: `${title}, ${p.x}: ${F.number(p.y)}` })) }],
      });
    })));
    return made;
  }
})();
