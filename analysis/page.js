// Draws the figures one by one, switches the language of page and figures, searches the parameters. Remembers nothing.
(() => {
  "use strict";
  const page = JSON.parse(document.getElementById("page-data").textContent);
  const root = document.documentElement;
  const options = { displayModeBar: false, responsive: true, doubleClick: false };

  // a figure is stored once in English; `zh` lists [path, English, Chinese] where the languages differ
  function speak(figure, language) {
    for (const [path, english, chinese] of figure.zh) {
      const last = path[path.length - 1];
      let node = figure;
      for (const step of path.slice(0, -1)) node = node[step];
      node[last] = language === "zh" ? chinese : english;
    }
  }

  let turn = 0;
  function draw() {
    const mine = ++turn;
    const queue = [...document.querySelectorAll(".plot")];
    const next = () => {
      const box = queue.shift();
      if (!box || mine !== turn) { if (!box) root.dataset.drawn = root.lang; return; }
      // a fresh copy: plotly takes an array it has seen for unchanged
      const figure = structuredClone(page.figures[box.dataset.figure]);
      speak(figure, root.lang);
      figure.layout.template = page.template;
      Plotly.react(box, figure.data, figure.layout, options).then(() => setTimeout(next, 0));
    };
    delete root.dataset.drawn;
    next();
  }

  function choose(language) {
    root.lang = language;
    document.title = page.title[language];
    for (const button of document.querySelectorAll(".switch button"))
      button.setAttribute("aria-pressed", String(button.dataset.language === language));
    draw();
  }
  for (const button of document.querySelectorAll(".switch button"))
    button.addEventListener("click", () => choose(button.dataset.language));

  const field = document.getElementById("search");  // a page without parameters has none
  field?.addEventListener("input", () => {
    const wanted = field.value.trim().toLowerCase();
    for (const group of document.querySelectorAll("details.parameters")) {
      let found = 0;
      for (const row of group.querySelectorAll("tbody tr")) {
        row.hidden = !row.textContent.toLowerCase().includes(wanted);
        found += row.hidden ? 0 : 1;
      }
      group.hidden = found === 0;
      group.open = wanted !== "" && found > 0;
    }
  });

  // a folded figure has no width until it is opened
  for (const fold of document.querySelectorAll("details"))
    fold.addEventListener("toggle", () => fold.querySelectorAll(".plot").forEach((box) => Plotly.Plots.resize(box)));
  choose((navigator.language || "en").startsWith("zh") ? "zh" : "en");
})();
