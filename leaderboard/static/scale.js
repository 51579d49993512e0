"use strict";
// Scales of an axis: values to [0, 1], and round values to mark.
(() => {
  const least = (values) => values.reduce((a, b) => Math.min(a, b), Infinity);
  const most = (values) => values.reduce((a, b) => Math.max(a, b), -Infinity);
  const round = (mantissa, exponent) => Number(`${mantissa}e${exponent}`);

  KB.log = (values, pad = 0.06) => {
    const positive = values.filter((value) => value > 0 && Number.isFinite(value));
    let low = Math.log10(positive.length ? least(positive) : 0.1);
    let high = Math.log10(positive.length ? most(positive) : 1);
    if (high - low < 0.5) [low, high] = [(low + high) / 2 - 0.25, (low + high) / 2 + 0.25];
    const room = pad * (high - low);
    [low, high] = [Math.max(-300, low - room), Math.min(300, high + room)];
    const [first, last] = [Math.floor(low), Math.ceil(high)];
    const inside = (factors) => {
      const found = [];
      for (let k = first; k <= last; k++) for (const m of factors) found.push(round(m, k));
      return found.filter((value) => Math.log10(value) >= low - 1e-12 && Math.log10(value) <= high + 1e-12);
    };
    return {
      at: (value) => (value > 0 ? Math.min(1, Math.max(0, (Math.log10(value) - low) / (high - low))) : 0),
      holds: (value) => value > 0 && Math.log10(value) >= low && Math.log10(value) <= high,
      ticks(at) {
        for (const factors of [[1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8], [1, 1.5, 2, 3, 5, 7], [1, 2, 5], [1, 3], [1]]) {
          const found = inside(factors);
          if (found.length <= at) return found;
        }
        const found = inside([1]);
        return found.filter((_, k) => k % Math.ceil(found.length / at) === 0);
      },
      minor: () => (last - first > 7 ? [] : inside([1, 2, 3, 4, 5, 6, 7, 8, 9])),
    };
  };

  KB.linear = (values, pad = 0) => {
    const finite = values.filter((value) => Math.abs(value) < 1e150);
    let low = finite.length ? least(finite) : 0;
    let high = finite.length ? most(finite) : 1;
    const room = pad * (high - low) || (high === low ? 0.5 * Math.abs(high) || 0.5 : 0);
    [low, high] = [low - room, high + room];
    return {
      at: (value) => Math.min(1, Math.max(0, (value - low) / (high - low))),
      holds: (value) => value >= low && value <= high,
      ticks(most) {
        const raw = (high - low) / Math.max(1, most - 1);
        const size = 10 ** Math.floor(Math.log10(raw));
        const step = [1, 2, 5, 10].map((m) => m * size).find((s) => s >= raw * (1 - 1e-9)) ?? raw;
        const found = [];
        for (let k = Math.ceil(low / step - 1e-9); k <= Math.floor(high / step + 1e-9); k++) found.push(Number((k * step).toPrecision(9)));
        return found;
      },
      minor: () => [],
    };
  };

  // Places of the points that no other beats in both, from cheap to dear.
  KB.pareto = (points) => {
    const order = points.map((_, i) => i).sort((a, b) => points[a].x - points[b].x || points[a].y - points[b].y);
    const found = [];
    let best = Infinity;
    for (const i of order) if (points[i].y < best) { found.push(i); best = points[i].y; }
    return found;
  };
})();
