"use strict";
// Elements are built from text only: no markup is ever parsed.
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  function fill(made, attributes, children) {
    for (const [name, value] of Object.entries(attributes ?? {})) {
      if (value === null || value === undefined || value === false) continue;
      if (name === "class") made.setAttribute("class", value);
      else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else made.setAttribute(name, value === true ? "" : String(value));
    }
    made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
    return made;
  }
  KB.el = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
  KB.svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

  // Links lead to pages of this site only.
  KB.page = (name) => (/^[a-z0-9_-]+\.html$/.test(name) ? name : "index.html");
  KB.recordHref = (name) => `record.html#${/^[0-9a-f]{64}\.[0-9A-Za-z-]+$/.test(name) ? name : ""}`;

  const star = (s) => [...Array(10).keys()].map((k) => {
    const r = k % 2 ? 0.7 * s : 1.6 * s;
    return [r * Math.sin(k * Math.PI / 5), -r * Math.cos(k * Math.PI / 5)];
  });
  const cross = (s) => {
    const a = 0.45 * s, b = 1.3 * s;
    return [[-a, -b], [a, -b], [a, -a], [b, -a], [b, a], [a, a], [a, b], [-a, b], [-a, a], [-b, a], [-b, -a], [-a, -a]]
      .map(([p, q]) => [(p - q) * Math.SQRT1_2, (p + q) * Math.SQRT1_2]);
  };
  const hexagon = (s) => [...Array(6).keys()].map((k) => [1.2 * s * Math.sin(k * Math.PI / 3), -1.2 * s * Math.cos(k * Math.PI / 3)]);
  const shapes = [
    null,
    (s) => [[-s, -s], [s, -s], [s, s], [-s, s]],
    (s) => [[0, -1.3 * s], [1.2 * s, s], [-1.2 * s, s]],
    (s) => [[0, -1.4 * s], [1.4 * s, 0], [0, 1.4 * s], [-1.4 * s, 0]],
    (s) => [[0, 1.3 * s], [1.2 * s, -s], [-1.2 * s, -s]],
    cross, hexagon, star,
  ];
  // The marker of a style: eight shapes, filled or hollow, so that colour is not needed to tell solvers apart.
  KB.marker = (style, x, y, size) => {
    const cycle = Math.floor(style / 8);
    const shape = shapes[(style + cycle) % 8];
    const kind = `mark${cycle % 2 ? " hollow" : ""}`;
    if (!shape) return KB.svg("circle", { class: kind, cx: x.toFixed(1), cy: y.toFixed(1), r: size });
    const points = shape(size).map(([a, b]) => `${(x + a).toFixed(1)},${(y + b).toFixed(1)}`).join(" ");
    return KB.svg("polygon", { class: kind, points });
  };
  KB.key = (style) => KB.svg("svg", { class: `key s${style % 8}`, viewBox: "0 0 16 16", "aria-hidden": "true" }, KB.marker(style, 8, 8, 4.5));
})();
