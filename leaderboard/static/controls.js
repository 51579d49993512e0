"use strict";
// Labelled choices that follow the state.
(() => {
  let made = 0;
  const labelled = (label, control, wide) => {
    control.id = `choice-${++made}`;
    return KB.el("div", { class: `choice${wide ? " wide" : ""}` }, KB.el("label", { for: control.id }, label), control);
  };

  // options: [[value, label], …]
  KB.select = (label, options, chosen, change) => {
    const select = KB.el("select", { onchange: () => change(select.value) });
    const set = (list, value) => {
      select.replaceChildren(...list.map(([key, shown]) => KB.el("option", { value: key }, shown)));
      select.value = list.some(([key]) => key === value) ? value : list[0]?.[0] ?? "";
    };
    set(options, chosen);
    return { node: labelled(label, select), set };
  };

  KB.search = (label, chosen, change) => {
    const input = KB.el("input", { type: "search", spellcheck: "false", autocomplete: "off", oninput: () => change(input.value) });
    input.value = chosen;
    return {
      node: labelled(label, input, true),
      set: (value) => { if (input.value !== value) input.value = value; },
    };
  };

  // The legend: each solver can be left out.
  KB.legend = (solvers, isOff, toggle) => {
    const buttons = solvers.map(({ name, style, dashed }) => {
      const button = KB.el("button", { type: "button", onclick: () => toggle(name) }, KB.key(style), name, dashed ? KB.el("small", {}, " learned") : "");
      return { name, button };
    });
    const set = () => { for (const { name, button } of buttons) button.setAttribute("aria-pressed", String(!isOff(name))); };
    set();
    const node = KB.el("div", { class: "legend", role: "group", "aria-label": "Solvers shown" }, ...buttons.map(({ button }) => button));
    return { node, set };
  };

  // Which rows pass: a free text and equalities. Rows are numbers from 0 on.
  KB.matching = (rows, words, tests) => {
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
    const texts = wanted.length ? KB.matching.texts(rows) : [];
    return rows.all.filter((i) => tests.every((test) => test(i)) && wanted.every((word) => texts[i].includes(word)));
  };
  KB.matching.texts = (rows) => (rows.texts ??= rows.all.map((i) => rows.text(i).toLowerCase()));

  KB.options = (values, all) => {
    const counts = new Map();
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    const found = [...counts].sort(([a], [b]) => a.localeCompare(b, "en"));
    return [["", all], ...found.map(([value, n]) => [value, `${value} (${KB.format.count(n)})`])];
  };
})();
