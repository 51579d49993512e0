"use strict";
// What the page of a dataset shows of a view: the chart, the table, and what comes below.
(() => {
  const F = KB.format;

  // Points of each solver: y(i) against x(i).
  KB.series = (view, x, y, describe) => {
    const { board, c, site, errors, time } = view;
    const found = new Map();
    for (const i of view.rows) {
      const [a, b] = [x(i), y(i)];
      if (!F.known(a) || !F.known(b) || a <= 0 || b <= 0) continue;
      const name = board.solvers[c.solver[i]];
      if (!found.has(name)) found.set(name, { name, style: site.solvers[name]?.[0] ?? 0, dashed: c.family[i] === "learned", points: [] });
      found.get(name).points.push({
        x: a, y: b, low: errors?.low?.[time]?.[i], high: errors?.high?.[time]?.[i], floor: errors?.floor?.[time]?.[i],
        tip: `${name}, ${c.setting[i]}: ${describe(i, a)}${c.noisy[i] ? " (noisy)" : ""}${c.stale[i] ? " (stale)" : ""}`, href: KB.recordHref(c.record[i]),
      });
    }
    for (const one of found.values()) one.points.sort((p, q) => p.x - q.x || p.y - q.y);
    return [...found.values()];
  };
  const shownError = ({ errors, time }, i) => F.error(errors?.mean[time]?.[i], errors?.low?.[time]?.[i], errors?.high?.[time]?.[i]);

  KB.boardChart = (parts, view) => {
    const axis = KB.axis(view);
    const unit = (value) => (axis.kind === "seconds" ? F.seconds(value) : axis.kind === "bytes" ? F.memory(value) : `${axis.label} ${F.power(value)}`);
    const series = KB.series(view, (i) => axis.values[i], (i) => view.error(i), (i, a) => `${shownError(view, i)} at ${unit(a)}`);
    if (!series.length) {
      parts.chart.kbWatch?.disconnect();
      parts.chart.replaceChildren(KB.el("p", { class: "empty" }, "No setting that is shown has both figures."));
    } else {
      KB.chart(parts.chart, { title: `${view.label} against ${axis.label}`, x: axis, y: { label: view.label, kind: "number", log: true }, series, frontier: axis.cost, height: 460 });
    }
    parts.caption.textContent = `Lower left is better. Every point is a setting and leads to its record; lines join the settings of one solver, dashed where it is learned. ${axis.cost ? "The staircase is the Pareto frontier. " : ""}Bars are 95 % intervals; a tick on a dotted stem is the floor of that setting, below which there are only ties. Buttons of the legend leave solvers out.`;
  };

  KB.boardTable = (parts, view, state) => {
    const { board, c, s, rows, metric } = view;
    const cols = KB.columns(c, { solvers: board.solvers, index: view.site.solvers });
    const last = view.time === (board.metrics[metric]?.times.length ?? 0) - 1;
    const ranks = { key: "error", title: board.metrics[0]?.label ?? "Error", numeric: true, meaning: "Mean over cases and seeds at the last time, which ranks; ± half its 95 % interval", value: (i) => c.error[i], show: (i) => F.error(c.error[i], c.low[i], c.high[i]) };
    const chosen = { key: "chosen", title: `${view.label}${last ? "" : `, t = ${F.power(board.metrics[metric].times[view.time])}`}`, numeric: true, meaning: "The error chosen above", value: (i) => view.error(i), show: (i) => shownError(view, i) };
    const list = [cols.solver, cols.setting, cols.tier, ranks, ...(metric || !last ? [chosen] : []), cols.all(board.cases), ...(board.cases > 1 ? [cols.one] : []), cols.fit, cols.cold, cols.warm, cols.memory,
      ...(c.pays.some((value) => value !== null) ? [cols.pays] : []), ...(c.seeds.some((value) => value > 1) ? [cols.seeds] : []), cols.state, cols.trust];
    const by = list.find((column) => column.key === s.sort) ?? cols.tier;
    const down = s.dir === "down";
    if (parts.builtTable !== board) {
      parts.builtTable = board;
      parts.grid = KB.table(parts.table, {
        label: "Every setting", columns: list, mark: (i) => (c.frontier[i] ? "best" : ""),
        sort: (key) => { const now = state.get(); state.set({ sort: key, dir: now.sort === key && now.dir === "up" ? "down" : "up" }); },
      });
    }
    parts.grid.show(KB.sorted(rows, by, down), by.key, down, list);
    const failed = rows.filter((i) => c.state[i] !== "ok").length;
    parts.count.textContent = `${F.count(rows.length)} of ${F.count(c.solver.length)} settings${failed ? `, ${F.count(failed)} did not run` : ""}. Bold rows are on the Pareto frontier of error and total cost.`;
  };
})();
