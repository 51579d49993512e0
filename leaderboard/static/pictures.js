"use strict";
// Pictures of a solver against the truth, from data of the schema kineticbench/pictures/1:
// KineticPictures.draw(element, data). Styles are classes of pictures.css; text is only ever set as text.
var KineticPictures = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const SUPERSCRIPTS = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
  let count = 0;

  function html(name, classes, ...children) {
    const made = document.createElement(name);
    if (classes) made.className = classes;
    made.append(...children);
    return made;
  }

  function svg(name, attributes, ...children) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  // --- numbers -----------------------------------------------------------------------------------------------------

  function unpack({ low, high, digits, packed }) {
    const values = new Float64Array(packed.length / digits);
    const most = 64 ** digits - 1;
    for (let i = 0; i < values.length; i++) {
      let whole = 0;
      for (let j = 0; j < digits; j++) whole = 64 * whole + DIGITS.indexOf(packed[i * digits + j]);
      values[i] = low + (high - low) * whole / most;
    }
    return values;
  }

  function power(exponent) {
    return `10${[...String(exponent)].map((c) => SUPERSCRIPTS[c]).join("")}`;
  }

  function said(value) {
    if (value === null || value === undefined || !Number.isFinite(value)) return "–";
    const size = Math.abs(value);
    if (size !== 0 && (size < 1e-3 || size >= 1e5)) {
      const [mantissa, exponent] = value.toExponential(1).split("e");
      return `${Number(mantissa)}·${power(Number(exponent))}`.replace(/^-/, "−");
    }
    return String(Number(value.toPrecision(3))).replace("-", "−");
  }

  // Round numbers between low and high, about as many as asked for, and how they are written.
  function ticks({ low, high, log }, about) {
    if (log) {
      const first = Math.ceil(Math.log10(low) - 1e-9), last = Math.floor(Math.log10(high) + 1e-9);
      const every = Math.max(1, Math.ceil((last - first + 1) / about));
      const made = [];
      for (let e = first; e <= last; e += every) made.push([10 ** e, power(e)]);
      if (made.length > 1) return made;
      const written = (v) => [v, Number(v.toPrecision(2)).toExponential().replace(/e([+-]?)(\d+)/, (_, s, n) => `·${power(Number(s + n))}`).replace(/^1·/, "")];
      return [low * (high / low) ** 0.1, low * (high / low) ** 0.9].map(written);
    }
    const raw = (high - low) / about, unit = 10 ** Math.floor(Math.log10(raw));
    const inside = (step) => Math.floor(high / step + 1e-9) - Math.ceil(low / step - 1e-9) + 1;
    const steps = [0.5, 1, 2, 5, 10].map((n) => n * unit), enough = steps.filter((n) => inside(n) >= 3);
    const step = enough.find((n) => n >= raw * 0.999) ?? enough.at(-1) ?? steps[0];
    const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    const small = decimals > 4 || Math.max(Math.abs(low), Math.abs(high)) >= 1e5;
    const made = [];
    for (let n = Math.ceil(low / step - 1e-9); n * step <= high + 1e-9 * step; n++)
      made.push([n * step, n === 0 ? "0" : small ? said(n * step) : (n * step).toFixed(decimals).replace("-", "−")]);
    return made;
  }

  function scale({ low, high, log }, from, to) {
    const f = log ? Math.log : (v) => v;
    const a = f(low), b = f(high);
    return (v) => from + (to - from) * (f(v) - a) / (b - a);
  }

  // --- axes --------------------------------------------------------------------------------------------------------

  // A frame in the box {left, right, top, bottom} with ticks; returns the scales, and draws below what comes later.
  function axes(root, box, xAxis, yAxis, { labels = true, yTicks = 5, xTicks = 5, yMarks = ticks(yAxis, yTicks) } = {}) {
    const x = scale(xAxis, box.left, box.right), y = scale(yAxis, box.bottom, box.top);
    for (const [value, text] of yMarks) {
      root.append(svg("line", { class: "kp-grid", x1: box.left, x2: box.right, y1: y(value), y2: y(value) }));
      root.append(svg("text", { x: box.left - 6, y: y(value) + 4, "text-anchor": "end" }, text));
    }
    for (const [value, text] of ticks(xAxis, xTicks)) {
      root.append(svg("line", { class: "kp-grid", x1: x(value), x2: x(value), y1: box.top, y2: box.bottom }));
      if (labels) root.append(svg("text", { x: x(value), y: box.bottom + 16, "text-anchor": "middle" }, text));
    }
    root.append(svg("rect", { class: "kp-frame", x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top }));
    if (labels) root.append(svg("text", { class: "kp-axis", x: (box.left + box.right) / 2, y: box.bottom + 34, "text-anchor": "middle" }, xAxis.label));
    const middle = (box.top + box.bottom) / 2, at = box.label ?? 12;
    root.append(svg("text", { class: "kp-axis", x: at, y: middle, "text-anchor": "middle", transform: `rotate(-90 ${at} ${middle})` }, yAxis.label));
    return { x, y };
  }

  function clipped(root, box) {
    const id = `kp-clip-${++count}`;
    const room = 4;
    root.append(svg("clipPath", { id }, svg("rect", { x: box.left - room, y: box.top - room, width: box.right - box.left + 2 * room, height: box.bottom - box.top + 2 * room })));
    const group = svg("g", { "clip-path": `url(#${id})` });
    root.append(group);
    return group;
  }

  function canvas(width, height) {
    return svg("svg", { class: "kp-svg", viewBox: `0 0 ${width} ${height}`, role: "img" });
  }

  // --- keys --------------------------------------------------------------------------------------------------------

  function mark(role, x, y, size) {
    if (role === "truth") return svg("circle", { class: "kp-mark kp-truth", cx: x, cy: y, r: size + 1.1 });
    if (role === "second") return svg("rect", { class: "kp-mark kp-second", x: x - size, y: y - size, width: 2 * size, height: 2 * size });
    return svg("circle", { class: "kp-mark kp-solver", cx: x, cy: y, r: size });
  }

  function key(entries) {
    const list = html("ul", "kp-key");
    const seen = new Set();
    for (const { role, label, marks, line } of entries) {
      const name = `${role} ${label}`;
      if (seen.has(name)) continue;
      seen.add(name);
      const picture = svg("svg", { class: "kp-sample", viewBox: "0 0 30 14", "aria-hidden": "true" });
      if (line) picture.append(svg("path", { class: `kp-line kp-${role}`, d: "M1,7H29" }));
      if (marks) picture.append(mark(role, 15, 7, 3));
      list.append(html("li", "", picture, label));
    }
    return list;
  }

  // --- kinds of panels: each returns {body, entries, show(frame)} -----------------------------------------------------

  const BOX = { left: 62, right: 372, top: 10, bottom: 268, label: 12 };

  function points(panel) {
    const root = canvas(380, 308);
    const { x, y } = axes(root, BOX, panel.x, panel.y);
    const group = clipped(root, BOX);
    const show = (frame) => {
      const drawn = [];
      for (const cloud of panel.frames[frame]) {
        const across = unpack(cloud.x), up = unpack(cloud.y);
        for (let i = 0; i < across.length; i++) drawn.push(mark(cloud.role, x(across[i]), y(up[i]), cloud.role === "truth" ? 2.2 : 1.8));
      }
      group.replaceChildren(...drawn);
    };
    return { body: root, described: [root], show, entries: panel.frames[0].map(({ role, label }) => ({ role, label, marks: true })) };
  }

  function path(at, values, x, y) {
    let d = "", pen = "M";
    for (let i = 0; i < at.length; i++) {
      const value = values[i];
      if (value === null || value === undefined || !Number.isFinite(y(value))) { pen = "M"; continue; }
      d += `${pen}${x(at[i]).toFixed(1)},${y(value).toFixed(1)}`;
      pen = "L";
    }
    return d;
  }

  function differences(panel, curves) {
    const of = (role) => curves.find((curve) => curve.role === role)?.values;
    const truth = of("truth"), solver = of("solver");
    return truth && solver ? solver.map((v, i) => v === null || truth[i] === null ? null : v - truth[i]) : [];
  }

  // Names beside the starts of curves; those of curves that start together share a line.
  function tag(tags, text, x, y) {
    const near = tags.find((one) => Math.abs(Number(one.dataset.y) - y) < 12);
    if (near) { near.textContent += `, ${text}`; return; }
    const low = y > BOX.top + 20;
    const made = svg("text", { class: "kp-tag", x, y: low ? y - 6 : y + 16 }, text);
    made.dataset.y = y;
    tags.push(made);
  }

  function curves(panel) {
    const root = canvas(380, panel.difference ? 386 : 308);
    const box = BOX, strip = { ...BOX, top: 284, bottom: 346 };
    const { x, y } = axes(root, box, panel.x, panel.y, { labels: !panel.difference });
    const group = clipped(root, box);
    let below = null, off = null;
    if (panel.difference) {
      const most = Math.max(...panel.frames.flatMap((frame) => differences(panel, frame)).map(Math.abs), 0) || 1e-4;
      const unit = 10 ** Math.floor(Math.log10(most)), round = [5, 2, 1].map((n) => n * unit).find((n) => n <= most * 1.0001);
      const yMarks = [-round, 0, round].map((v) => [v, said(v)]);
      off = axes(root, strip, panel.x, { label: "", low: -1.15 * most, high: 1.15 * most }, { yMarks });
      root.append(svg("line", { class: "kp-zero", x1: strip.left, x2: strip.right, y1: off.y(0), y2: off.y(0) }));
      below = clipped(root, strip);
      root.append(svg("text", { class: "kp-tag kp-inside", x: strip.left + 6, y: strip.top + 13 }, "solver − truth"));
    }
    const show = (frame) => {
      const drawn = [];
      const tags = [];
      const order = { solver: 0, second: 1, truth: 2, guide: 3 };
      for (const curve of [...panel.frames[frame]].sort((a, b) => order[a.role] - order[b.role])) {
        const at = curve.at ?? panel.at;
        const joined = !curve.marks || !panel.frames[frame].some(({ role }) => role === "truth");
        if (joined) drawn.push(svg("path", { class: `kp-line kp-${curve.role}${curve.marks ? " kp-thin" : ""}`, d: path(at, curve.values, x, y) }));
        if (curve.marks) for (let i = 0; i < at.length; i++)
          if (curve.values[i] !== null && Number.isFinite(y(curve.values[i]))) drawn.push(mark(curve.role, x(at[i]), y(curve.values[i]), 3.2));
        if (curve.tag && curve.values.length) tag(tags, curve.tag, x(at[0]) + 9, y(curve.values[0]));
      }
      drawn.push(...tags);
      group.replaceChildren(...drawn);
      if (below) {
        const values = differences(panel, panel.frames[frame]);
        below.replaceChildren(svg("path", { class: "kp-line kp-solver kp-thin", d: path(panel.at, values, off.x, off.y) }));
      }
    };
    const entries = panel.frames[0].map(({ role, label, marks }) => ({ role, label, marks, line: !marks }));
    return { body: root, described: [root], show, entries };
  }

  // --- maps --------------------------------------------------------------------------------------------------------

  function ramp(element, name) {
    const stops = getComputedStyle(element).getPropertyValue(name).trim().split(/\s+/)
      .map((text) => [1, 3, 5].map((i) => parseInt(text.slice(i, i + 2), 16)));
    return (share) => {
      const at = Math.min(Math.max(share, 0), 1) * (stops.length - 1), i = Math.min(Math.floor(at), stops.length - 2);
      return stops[i].map((c, k) => c + (at - i) * (stops[i + 1][k] - c));
    };
  }

  function raster(width, height, colour) {
    const surface = document.createElement("canvas");
    surface.width = width;
    surface.height = height;
    const context = surface.getContext("2d"), pixels = context.createImageData(width, height);
    for (let j = 0; j < height; j++) for (let i = 0; i < width; i++) {
      const [r, g, b] = colour(i, j);
      pixels.data.set([r, g, b, 255], 4 * (j * width + i));
    }
    context.putImageData(pixels, 0, 0);
    return surface.toDataURL();
  }

  // Lines where values on a grid of nodes pass a level, by marching squares; a and b map indices to the picture.
  function contour(values, [nx, ny], level, a, b) {
    let d = "";
    const v = (i, j) => values[i * ny + j] - level;
    for (let i = 0; i + 1 < nx; i++) for (let j = 0; j + 1 < ny; j++) {
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
      const cuts = [];
      for (let k = 0; k < 4; k++) {
        const [p, q] = [corners[k], corners[(k + 1) % 4]], f = v(...p), g = v(...q);
        if ((f < 0) !== (g < 0)) {
          const s = f / (f - g);
          cuts.push(`${a(p[0] + s * (q[0] - p[0])).toFixed(1)},${b(p[1] + s * (q[1] - p[1])).toFixed(1)}`);
        }
      }
      for (let k = 0; k + 1 < cuts.length; k += 2) d += `M${cuts[k]}L${cuts[k + 1]}`;
    }
    return d;
  }

  const SQUARE = { left: 46, right: 246, top: 8, bottom: 208, label: 12 };

  function map(panel) {
    const [nx, ny] = panel.shape;
    const body = html("div", "kp-maps");
    const pictures = panel.frames[0].map(({ role, label }) => {
      const root = canvas(318, 248);
      const image = svg("image", { x: SQUARE.left, y: SQUARE.top, width: SQUARE.right - SQUARE.left, height: SQUARE.bottom - SQUARE.top, preserveAspectRatio: "none" });
      const bar = svg("image", { x: 256, y: SQUARE.top, width: 9, height: SQUARE.bottom - SQUARE.top, preserveAspectRatio: "none" });
      const lines = svg("g", {});
      root.append(image, bar, lines);
      axes(root, SQUARE, panel.x, panel.y, { yTicks: 4, xTicks: 4 });
      const { low, high } = panel.frames[0].find((one) => one.role === role).cells;
      const along = scale({ low, high }, SQUARE.bottom, SQUARE.top);
      for (const [value, text] of ticks({ low, high }, 4)) root.append(svg("text", { x: 269, y: along(value) + 4 }, text));
      root.append(svg("rect", { class: "kp-frame", x: 256, y: SQUARE.top, width: 9, height: SQUARE.bottom - SQUARE.top }));
      body.append(html("div", "kp-one", html("p", "kp-name", label), root));
      return { role, root, image, bar, lines };
    });
    let shown = 0;
    const show = (frame) => {
      shown = frame;
      const found = Object.fromEntries(panel.frames[frame].map((one) => [one.role, one.cells]));
      const truth = found.truth && unpack(found.truth);
      const a = (i) => SQUARE.left + (i + 0.5) / nx * (SQUARE.right - SQUARE.left);
      const b = (j) => SQUARE.bottom - (j + 0.5) / ny * (SQUARE.bottom - SQUARE.top);
      for (const { role, image, bar, lines } of pictures) {
        const { low, high } = found[role], values = role === "truth" ? truth : unpack(found[role]);
        const colour = ramp(body, role === "difference" ? "--kp-signed" : "--kp-density");
        image.setAttribute("href", raster(nx, ny, (i, j) => colour((values[i * ny + ny - 1 - j] - low) / (high - low))));
        bar.setAttribute("href", raster(1, 64, (_, j) => colour(1 - j / 63)));
        if (truth && role !== "difference") {
          const most = truth.reduce((a, v) => Math.max(a, v), 0);
          const d = [0.1, 0.25, 0.5, 0.75].map((share) => contour(truth, panel.shape, share * most, a, b)).join("");
          lines.replaceChildren(svg("path", { class: `kp-contour${role === "truth" ? "" : " kp-dashed"}`, d }));
        }
      }
    };
    const again = () => { if (body.isConnected) show(shown); };
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
    new MutationObserver(again).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    return { body, described: pictures.map(({ root }) => root), names: pictures.map(({ role }) => role), show, entries: [], contours: pictures.length > 1 };
  }

  const KINDS = { points, curves, map };

  // --- all together ------------------------------------------------------------------------------------------------

  function times(values, choose) {
    const name = `kp-time-${++count}`;
    const field = html("fieldset", "kp-times", html("legend", "", "Time"));
    values.forEach((time, frame) => {
      const input = html("input");
      Object.assign(input, { type: "radio", name, checked: frame === values.length - 1 });
      input.setAttribute("aria-label", `t = ${said(time)}`);
      input.addEventListener("change", () => choose(frame));
      field.append(html("label", "", input, html("span", "", said(time))));
    });
    return field;
  }

  function table(data, measures) {
    const head = html("tr", "", html("th", "", "Time"), ...data.times.map((time) => html("th", "", said(time))));
    const rows = measures.map(({ label, values }) => html("tr", "", html("th", "", label), ...values.map((v) => html("td", "", said(v)))));
    for (const cell of head.cells) cell.scope = "col";
    for (const row of rows) row.cells[0].scope = "row";
    const made = html("table", "", html("caption", "", "Solver against truth, first case"), html("thead", "", head), html("tbody", "", ...rows));
    return html("details", "kp-table", html("summary", "", "The same in numbers"), html("div", "kp-scroll", made));
  }

  function draw(element, data) {
    if (data?.schema !== "kineticbench/pictures/1" || !Array.isArray(data.panels)) {
      element.replaceChildren(html("p", "kp-said", "These pictures are of a kind that this page does not know."));
      return;
    }
    const root = html("div", "kp"), grid = html("div", "kp-panels"), status = html("p", "kp-said");
    status.setAttribute("role", "status");
    const moving = data.panels.some((panel) => panel.frames.length > 1);
    const measures = data.panels.flatMap((panel) => panel.measures ?? []).filter(({ values }) => values.length === data.times.length);
    const views = data.panels.filter((panel) => Object.hasOwn(KINDS, panel.kind)).map((panel) => {
      const view = KINDS[panel.kind](panel);
      const caption = html("figcaption", "", panel.title);
      const wide = view.described.length > 1 ? " kp-wide" : "";
      const figure = html("figure", `kp-panel kp-${panel.kind}${wide}`, caption);
      if (panel.frames.length > 1 && moving) caption.append(view.when = html("span", "kp-when"));
      if (view.entries.length) figure.append(key(view.entries));
      figure.append(view.body);
      const note = `${panel.note ?? ""}${view.contours ? " Lines: the truth at 10, 25, 50 and 75 % of its peak then." : ""}`.trim();
      if (note) figure.append(html("p", "kp-note", note));
      grid.append(figure);
      return { panel, view };
    });
    const choose = (frame) => {
      const time = data.times.length ? `t = ${said(data.times[frame])}` : "";
      for (const { panel, view } of views) {
        const still = panel.frames.length === 1;
        const measured = (panel.measures ?? []).map(({ label, values }) => `${label} ${said(values[frame])}`);
        view.described.forEach((picture, i) => {
          const what = view.names ? `, ${view.names[i]}` : "";
          const parts = [`${panel.title}${what}: ${panel.y.label} against ${panel.x.label}`, still ? "" : time, ...measured];
          picture.setAttribute("aria-label", parts.filter(Boolean).join("; "));
        });
        if (view.when) view.when.textContent = ` at ${time}`;
        if (!still || frame === first) view.show(still ? 0 : frame);
      }
      const sentences = measures.map(({ label, values }) => `${label} ${said(values[frame])}`);
      status.textContent = sentences.length ? `${time ? `At ${time}: ` : ""}${sentences.join(", ")}.` : "";
    };
    const first = Math.max(0, data.times.length - 1);
    if (moving && data.times.length > 1) root.append(times(data.times, choose));
    root.append(...(measures.length ? [status, grid, table(data, measures)] : [grid]));
    element.replaceChildren(root);
    choose(first);
  }

  return Object.freeze({ draw });
})();
