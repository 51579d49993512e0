"use strict";
// Below the table of a dataset: costs to reach errors, convergence, growth in time, invariants, pictures, every metric.
(() => {
  const F = KB.format;
  const KEPT = /^(drift_|entropy_|dissipation|field_energy|covariance|fourth_moment)/;

  // The most accurate setting of each solver that is shown.
  const best = ({ board, c, off }) => board.solvers.map((_, place) => c.solver.findIndex((at, i) => at === place && c.tier[i] !== null)).filter((i) => i >= 0 && !off.has(board.solvers[c.solver[i]]));

  KB.boardMore = (parts, view) => {
    const key = `${view.board.id} ${view.metric} ${view.time} ${view.s.off} ${view.rows.length}`;
    if (parts.builtMore === key) return;
    parts.builtMore = key;
    const opened = parts.more.querySelector("details")?.open;
    parts.more.replaceChildren(...[reach(view), convergence(view), overTime(view), invariants(view), pictures(view), everyMetric(view, opened)].flat().filter(Boolean));
    for (const { node, spec } of pending.splice(0)) KB.chart(node, spec);
  };
  const pending = [];
  const panel = (spec) => {
    const node = KB.el("div");
    pending.push({ node, spec: { height: 330, names: false, lines: true, ...spec } });
    return KB.el("figure", { class: "figure" }, KB.el("figcaption", {}, spec.title), node);
  };
  const heading = (text, id) => KB.el("h2", { id }, text);

  function reach({ board, off, site }) {
    const solvers = board.solvers.map((name, k) => [name, k]).filter(([name, k]) => !off.has(name) && board.reach.some((at) => at[k] !== null));
    if (!solvers.length) return [];
    const least = board.reach.map((at) => Math.min(...at.filter((cost) => cost !== null)));
    const cell = (at, k, l) => KB.el("td", { class: `number${at[k] !== null && at[k] === least[l] ? " least" : ""}` }, at[k] === null ? F.NONE : F.seconds(at[k]), at[k] !== null && at[k] === least[l] ? KB.el("span", { class: "unseen" }, " (least)") : "");
    const rows = solvers.map(([name, k]) => KB.el("tr", {}, KB.el("th", { scope: "row" }, KB.key(site.solvers[name]?.[0] ?? 0), name), ...board.reach.map((at, l) => cell(at, k, l))));
    const head = KB.el("tr", {}, KB.el("th", { scope: "col" }, "Solver"), ...board.levels.map((level) => KB.el("th", { scope: "col", class: "number" }, `≤ ${F.power(level)}`)));
    return [heading("What a given error costs", "reach"),
      KB.el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Cost to reach an error" }, KB.el("table", { class: "reach" }, KB.el("thead", {}, head), KB.el("tbody", {}, ...rows))),
      KB.el("p", { class: "caption" }, `Total seconds from nothing for ${board.cases === 1 ? "one case" : `${F.count(board.cases)} cases`} to ${board.metrics[0].label}, interpolated between the settings of each solver; bold is the least, – is not reached.`)];
  }

  function convergence(view) {
    const panels = Object.entries(view.board.parameters).slice(0, 6).map(([name, values]) => {
      const series = KB.series({ ...view, errors: { ...view.errors, floor: null } }, (i) => values[i], (i) => view.error(i), (i) => F.error(view.error(i), view.errors?.low?.[view.time]?.[i], view.errors?.high?.[view.time]?.[i])).filter((one) => new Set(one.points.map((p) => p.x)).size > 1);
      return series.length ? panel({ title: `${view.label} against ${name}`, x: { label: name, kind: "number", log: true }, y: { label: view.label, kind: "number", log: true }, series, names: true }) : null;
    }).filter(Boolean);
    return panels.length ? [heading("Convergence", "convergence"), KB.el("div", { class: "grid" }, ...panels)] : [];
  }

  function timeSeries(view, metric, errors) {
    const times = view.board.metrics[metric].times;
    return best(view).map((i) => ({
      name: view.board.solvers[view.c.solver[i]], style: view.site.solvers[view.board.solvers[view.c.solver[i]]]?.[0] ?? 0, dashed: view.c.family[i] === "learned",
      points: times.map((t, k) => ({ x: t, y: errors.mean[k][i], low: errors.low?.[k]?.[i], high: errors.high?.[k]?.[i], href: KB.recordHref(view.c.record[i]), tip: `${view.board.solvers[view.c.solver[i]]}, ${view.c.setting[i]} at t = ${F.power(t)}: ${F.error(errors.mean[k][i], errors.low?.[k]?.[i], errors.high?.[k]?.[i])}` })).filter((p) => p.x > 0 && p.y > 0),
    })).filter((one) => one.points.length > 1);
  }

  function overTime(view) {
    const series = view.errors ? timeSeries(view, view.metric, view.errors) : [];
    if (!series.length) return [];
    return [heading("Error against time", "time"), KB.el("div", { class: "grid" }, panel({ title: `${view.label}, each solver's most accurate setting`, x: { label: "Time", kind: "number", zero: true }, y: { label: view.label, kind: "number", log: true }, series, names: true }))];
  }

  function invariants(view) {
    const found = view.board.metrics.map((one, k) => [one, k]).filter(([one]) => KEPT.test(one.name));
    if (!found.length) return [];
    const grid = KB.el("div", { class: "grid", id: "kept" });
    new IntersectionObserver((seen, watch) => {
      if (!seen.some((one) => one.isIntersecting)) return;
      watch.disconnect();
      Promise.all(found.map(([, k]) => KB.load(`boards/${view.board.id}.${k}`))).then((all) => {
        grid.replaceChildren(...found.map(([one, k], n) => {
          const y = { label: one.label, kind: "number", log: true };
          const series = timeSeries(view, k, all[n]);
          if (series.length) return panel({ title: `${one.label} against time`, x: { label: "Time", kind: "number", zero: true }, y, series, names: true });
          const own = { ...view, rows: best(view), errors: all[n], time: one.times.length - 1 };
          const points = KB.series(own, (i) => view.c.all[i], (i) => own.errors.mean[own.time]?.[i] ?? null, (i) => F.number(own.errors.mean[own.time][i]));
          return points.length ? panel({ title: `${one.label} against total cost`, x: { label: "Seconds from nothing", kind: "seconds", log: true }, y, series: points, names: true }) : null;
        }).filter(Boolean));
        for (const { node, spec } of pending.splice(0)) KB.chart(node, spec);
      });
    }, { rootMargin: "300px" }).observe(grid);
    return [heading("Invariants and entropy", "invariants"), KB.el("p", { class: "caption" }, "Errors against the exact curves and values, each solver's most accurate setting; what is exactly zero is not drawn."), grid];
  }

  function pictures(view) {
    const known = new Set(view.site.pictures);
    const shown = best(view).filter((i) => known.has(view.c.record[i]));
    if (!shown.length) return [];
    const places = shown.map((i) => KB.el("div", {}, KB.el("h3", {}, KB.el("a", { href: KB.recordHref(view.c.record[i]) }, `${view.board.solvers[view.c.solver[i]]}, ${view.c.setting[i]}`)), KB.pictures(view.c.record[i])));
    return [heading("Solver against truth", "pictures"), ...places];
  }

  function everyMetric(view, opened) {
    const { board, c } = view;
    if (board.metrics.length < 3) return [];
    const place = KB.el("div");
    const fill = async () => {
      const all = await Promise.all(board.metrics.map((_, k) => KB.load(`boards/${board.id}.${k}`)));
      const rows = best(view).map((i) => KB.el("tr", {}, KB.el("th", { scope: "row" }, KB.el("a", { href: KB.recordHref(c.record[i]) }, board.solvers[c.solver[i]])), ...all.map((one) => KB.el("td", { class: "number" }, F.number(one.mean.at(-1)?.[i])))));
      const head = KB.el("tr", {}, KB.el("th", { scope: "col" }, "Solver"), ...board.metrics.map((one) => KB.el("th", { scope: "col", class: "number" }, one.label)));
      place.replaceChildren(KB.el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Every metric" }, KB.el("table", {}, KB.el("thead", {}, head), KB.el("tbody", {}, ...rows))));
    };
    if (opened) fill();
    return [KB.el("details", { open: opened, ontoggle: (event) => { if (event.target.open && !place.firstChild) fill(); } }, KB.el("summary", {}, "Every metric at the last time, each solver's most accurate setting"), place)];
  }

  // A place that draws a record's pictures once it comes into view.
  KB.pictures = (name) => {
    const place = KB.el("div", { class: "pictures" }, KB.el("p", { class: "caption" }, "Pictures are loading."));
    new IntersectionObserver(async (seen, watch) => {
      if (!seen.some((one) => one.isIntersecting)) return;
      watch.disconnect();
      try {
        await KB.need("static/pictures.js");
        await KB.need(`data/pictures/${name}.js`);
        place.replaceChildren();
        KineticPictures.draw(place, KineticPictureData[name]);
      } catch (error) {
        place.replaceChildren(KB.el("p", { class: "caption" }, `The pictures cannot be shown: ${error.message}.`));
      }
    }, { rootMargin: "300px" }).observe(place);
    return place;
  };
})();
