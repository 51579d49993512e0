"use strict";
// What a page shows is kept in the part of its address behind #, so that it can be linked to and the way back works.
(() => {
  KB.state = (defaults, changed) => {
    const read = () => {
      const text = location.hash.slice(1);
      const given = new URLSearchParams(text.includes("=") ? text : "");
      return Object.fromEntries(Object.entries(defaults).map(([key, usual]) => [key, given.get(key) ?? usual]));
    };
    let values = read();
    const address = () => {
      const told = Object.entries(values).filter(([key, value]) => value !== defaults[key]);
      return `#${new URLSearchParams(told)}`;
    };
    addEventListener("popstate", () => { values = read(); changed(values); });
    return {
      get: () => values,
      // A choice makes a new step of the history; typing amends the last one.
      set(patch, amend = false) {
        const before = address();
        values = { ...values, ...patch };
        const after = address();
        if (after !== before) {
          const url = after === "#" ? location.href.split("#")[0] + "#" : after;
          try { history[amend ? "replaceState" : "pushState"](null, "", url); } catch { location.hash = after; }
        }
        changed(values);
      },
    };
  };
})();
