"use strict";
// Data comes as scripts that call kineticbench(name, data): files may not be fetched from a file system.
(() => {
  const held = new Map();
  const waiting = new Map();
  window.kineticbench = (name, data) => {
    held.set(name, data);
    waiting.get(name)?.(data);
    waiting.delete(name);
  };
  const asked = new Map();

  // The data of that name, once; rejects where there is no such file.
  function load(name) {
    if (held.has(name)) return Promise.resolve(held.get(name));
    if (!asked.has(name)) {
      asked.set(name, new Promise((resolve, reject) => {
        waiting.set(name, resolve);
        const script = document.createElement("script");
        script.src = `data/${name}.js`;
        script.onerror = () => { asked.delete(name); reject(new Error(`data/${name}.js cannot be read`)); };
        script.onload = () => { if (!held.has(name)) reject(new Error(`data/${name}.js holds no data`)); };
        document.head.append(script);
      }));
    }
    return asked.get(name);
  }

  // A script of the site itself, such as the one that draws pictures.
  const scripts = new Map();
  function need(path) {
    if (!scripts.has(path)) {
      scripts.set(path, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = path;
        script.onload = resolve;
        script.onerror = () => reject(new Error(`${path} cannot be read`));
        document.head.append(script);
      }));
    }
    return scripts.get(path);
  }

  window.KB = { load, need };
})();
