"use strict";
// Charts as SVG, drawn at the width they have on the page.
(() => {
  const MARKS = 1500, LINKS = 120;
  let made = 0;

  /* spec: {title, x: {label, kind, log}, y: {…}, series: [{name, style, dashed, points: [{x, y, low, high, floor, tip, href}]}],
            frontier, lines, height, names} */
  KB.chart = (place, spec) => {
    const draw = () => {
      const width = Math.floor(place.clientWidth);
      if (width > 60) place.replaceChildren(drawn(spec, width));
    };
    place.classList.add("plot");
    place.kbWatch?.disconnect();
    let last = 0;
    place.kbWatch = new ResizeObserver(() => {
      if (Math.abs(place.clientWidth - last) > 1) { last = place.clientWidth; draw(); }
    });
    place.kbWatch.observe(place);
    last = place.clientWidth;
    draw();
  };

  function drawn(spec, width) {
    const names = spec.names !== false && width > 480;
    const height = Math.round(Math.min(spec.height ?? 430, Math.max(Math.min(300, spec.height ?? 300), width * 0.72)));
    const longest = Math.min(20, Math.max(0, ...spec.series.map((one) => one.name.length)));
    const box = { left: 62, right: names ? 24 + 7.2 * longest : 14, top: 30, bottom: 46 };
    const points = spec.series.flatMap((one) => one.points);
    const ys = points.flatMap((p) => (KB.format.known(p.high) ? [p.y, p.high] : [p.y]));
    const sx = spec.x.log ? KB.log(points.map((p) => p.x)) : KB.linear(spec.x.zero ? [0, ...points.map((p) => p.x)] : points.map((p) => p.x), spec.x.zero ? 0 : 0.03);
    const sy = spec.y.log ? KB.log(ys) : KB.linear(ys, 0.06);
    const X = (v) => box.left + sx.at(v) * (width - box.left - box.right);
    const Y = (v) => height - box.bottom - sy.at(v) * (height - box.top - box.bottom);
    const at = { X, Y, sx, sy, width, height, box, few: points.length <= LINKS, lines: spec.lines };
    const title = `chart-${++made}`;
    const parts = [KB.svg("title", { id: title }, spec.title)];
    parts.push(...axes(spec, at), ...floors(spec, at));
    if (spec.frontier) parts.push(...frontier(points, at));
    let left = MARKS;
    for (const one of spec.series) {
      parts.push(series(one, at, left));
      left = Math.max(0, left - one.points.length);
    }
    if (names) parts.push(...labels(spec, at));
    const root = KB.svg("svg", { class: `chart${spec.lines ? " line" : ""}`, viewBox: `0 0 ${width} ${height}`, role: "group", "aria-labelledby": title, width, height }, ...parts);
    return root;
  }

  const f = (value) => value.toFixed(1);
  const write = (kind, x, y, anchor, text) => KB.svg("text", { class: kind, x: f(x), y: f(y), "text-anchor": anchor }, text);

  function axes(spec, { X, Y, sx, sy, width, height, box }) {
    const base = height - box.bottom;
    const right = width - box.right;
    const made = [];
    for (const value of sx.ticks(Math.max(3, Math.floor((right - box.left) / 82)))) {
      const x = X(value);
      made.push(KB.svg("path", { class: "grid", d: `M${f(x)} ${box.top}V${base}` }));
      made.push(write("tick", x, base + 18, "middle", KB.format.tick(value, spec.x.kind)));
    }
    for (const value of sy.ticks(Math.max(3, Math.floor((base - box.top) / 46)))) {
      const y = Y(value);
      made.push(KB.svg("path", { class: "grid", d: `M${box.left} ${f(y)}H${right}` }));
      made.push(write("tick", box.left - 8, y + 4, "end", KB.format.tick(value, spec.y.kind)));
    }
    const minor = sx.minor().map((value) => `M${f(X(value))} ${base}v4`).join("");
    made.push(KB.svg("path", { class: "minor", d: `M${box.left} ${base}H${right}${minor}` }));
    made.push(write("axis", (box.left + right) / 2, height - 8, "middle", spec.x.label));
    made.push(write("axis", 0, 14, "start", spec.y.label));
    return made;
  }

  // What differences mean nothing below: a band where all share it, else a tick under each point.
  function floors(spec, { X, Y, sy, width, height, box, few }) {
    const points = spec.series.flatMap((one) => one.points).filter((p) => p.floor > 0);
    if (!points.length) return [];
    const all = points.map((p) => p.floor);
    const [low, high] = [all.reduce((a, b) => Math.min(a, b)), all.reduce((a, b) => Math.max(a, b))];
    const base = height - box.bottom;
    const every = points.length === spec.series.reduce((n, one) => n + one.points.length, 0);
    if (every && high < 1.05 * low) {
      const y = Y(high);
      if (base - y < 1) return [];
      const band = KB.svg("path", { class: "below", d: `M${box.left} ${f(y)}H${width - box.right}V${base}H${box.left}Z` });
      return base - y < 18 ? [band] : [band, write("note", width - box.right - 6, y + 14, "end", "below the floor: only ties")];
    }
    if (!few) return [];
    const seen = spec.series.flatMap((one) => one.points.filter((p) => p.floor > 0 && sy.holds(p.floor)).map((p) =>
      KB.svg("path", { class: `floor s${one.style % 8}`, d: `M${f(X(p.x) - 6)} ${f(Y(p.floor))}h12M${f(X(p.x))} ${f(Y(p.floor))}V${f(Y(p.y))}` })));
    return seen;
  }

  function frontier(points, { X, Y, width, box }) {
    const found = KB.pareto(points).map((i) => points[i]);
    if (!found.length) return [];
    let path = `M${f(X(found[0].x))} ${box.top}V${f(Y(found[0].y))}`;
    for (const p of found.slice(1)) path += `H${f(X(p.x))}V${f(Y(p.y))}`;
    path += `H${width - box.right}`;
    return [KB.svg("path", { class: "reached", d: `${path}V${box.top}Z` }), KB.svg("path", { class: "frontier", d: path })];
  }

  function series(one, { X, Y, few, lines }, left) {
    const points = one.points;
    const node = KB.svg("g", { class: `series s${one.style % 8}${one.dashed ? " dashed" : ""}` });
    const joined = points.length > 200 ? KB.pareto(points).map((i) => points[i]) : points;
    if (joined.length > 1) node.append(KB.svg("path", { class: "line", d: `M${joined.map((p) => `${f(X(p.x))} ${f(Y(p.y))}`).join("L")}` }));
    const step = points.length > left ? Math.ceil(points.length / Math.max(1, left)) : 1;
    const shown = points.filter((_, k) => k % step === 0);
    if (few) for (const p of shown) {
      if (KB.format.known(p.low) && KB.format.known(p.high) && p.high > p.low)
        node.append(KB.svg("path", { class: "bar", d: `M${f(X(p.x))} ${f(Y(p.low))}V${f(Y(p.high))}` }));
    }
    if (one.marks === false) return node;
    for (const p of shown) {
      const mark = KB.marker(one.style, X(p.x), Y(p.y), lines ? 3.2 : few ? 4.6 : 3);
      if (!p.href) node.append(p.tip ? KB.svg("g", { class: "point", "data-tip": p.tip }, mark) : mark);
      else node.append(KB.svg("a", { class: "point", href: p.href, "data-tip": p.tip, "aria-label": p.tip, tabindex: few ? null : "-1" }, mark));
    }
    return node;
  }

  // The name of each series beside its last point, moved apart where they would overlap.
  function labels(spec, { X, Y, sx, sy, width }) {
    const ends = spec.series.filter((one) => one.points.length && one.name).slice(0, 24).map((one) => {
      const end = one.points.reduce((a, b) => (sx.at(b.x) - sx.at(a.x) || sy.at(a.y) - sy.at(b.y)) > 0 ? b : a);
      const text = one.name.length > 20 ? `${one.name.slice(0, 19)}…` : one.name;
      return { x: Math.min(X(end.x) + 10, width - 7.2 * text.length - 2), y: Y(end.y) + 4, text, style: one.style };
    }).sort((a, b) => a.y - b.y);
    ends.forEach((end, k) => {
      for (const other of ends.slice(0, k)) if (Math.abs(other.x - end.x) < 110 && end.y < other.y + 15) end.y = other.y + 15;
    });
    return ends.map(({ x, y, text, style }) => KB.svg("text", { class: `name s${style % 8}`, x: f(x), y: f(y), "aria-hidden": "true" }, text));
  }
})();
