"use strict";
// Figures as people read them; the same rules as in the tables of the command line.
(() => {
  const NONE = "–";
  const SUPERSCRIPTS = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
  const raised = (exponent) => `10${[...String(exponent)].map((c) => SUPERSCRIPTS[c]).join("")}`;
  const known = (value) => typeof value === "number" && Number.isFinite(value);

  function number(value, digits = 3) {
    if (!known(value)) return NONE;
    if (value === 0) return "0";
    if (Math.abs(value) >= 1e-3 && Math.abs(value) < 1e5) {
      const rounded = Number(value.toExponential(digits - 1));
      return rounded.toFixed(Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(rounded)) + 1e-12)));
    }
    const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
    return `${mantissa}·${raised(Number(exponent))}`;
  }

  function power(value) {
    if (value === 0 || (Math.abs(value) >= 1e-3 && Math.abs(value) < 1e4)) return String(Number(value.toPrecision(6)));
    const [mantissa, exponent] = value.toExponential().split("e");
    const lead = String(Number(Number(mantissa).toPrecision(6)));
    return `${lead === "1" ? "" : `${lead}·`}${raised(Number(exponent))}`;
  }

  const count = (value) => (known(value) ? Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, "\u202f") : NONE);

  function error(mean, low, high) {
    if (!known(mean)) return NONE;
    const half = known(low) && known(high) ? (high - low) / 2 : 0;
    if (!half) return number(mean);
    const size = Math.abs(mean);
    if (!(size >= 1e-3 && size < 1e5) || half > 10 * size) return `${number(mean)} ± ${number(half, 1)}`;
    const [lead, exponent] = half.toExponential(0).split("e");
    const decimals = Math.min(8, Math.max(0, -Number(exponent) + (lead === "1" ? 1 : 0)));
    return `${mean.toFixed(decimals)} ± ${half.toFixed(decimals)}`;
  }

  const UNITS = [[1e-6, 1e-9, "ns"], [1e-3, 1e-6, "µs"], [1, 1e-3, "ms"], [120, 1, "s"]];
  function seconds(value) {
    if (!known(value)) return NONE;
    if (value === 0) return "0";
    if (value < 1e-9) return `${number(value)} s`;
    for (const [limit, unit, name] of UNITS) if (value < limit) return `${number(value / unit)} ${name}`;
    return value < 7200 ? `${number(value / 60)} min` : `${number(value / 3600)} h`;
  }

  const memory = (value) => (known(value) ? (value < 1e9 ? `${number(value / 1e6)} MB` : `${number(value / 1e9)} GB`) : NONE);

  // A label of an axis: round values without the digits that say nothing.
  function tick(value, kind) {
    if (kind === "seconds" || kind === "bytes") {
      const [figure, unit] = (kind === "seconds" ? seconds : memory)(value).split(" ");
      return unit && Number.isFinite(Number(figure)) ? `${Number(Number(figure).toPrecision(3))} ${unit}` : figure;
    }
    return power(value);
  }

  KB.format = { NONE, number, power, count, error, seconds, memory, tick, known };
})();
