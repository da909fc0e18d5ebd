// The result: the running clock, the panel of one value, and the keyboard in the grid.
"use strict";
(() => {
  const panel = document.getElementById("value-panel");
  let opener = null;

  const begun = new WeakMap();
  const words = (ms) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);
  window.setInterval(() => {
    const clock = document.getElementById("clock");
    if (!clock) return;
    if (!begun.has(clock)) begun.set(clock, performance.now() - Number(clock.dataset.elapsedMs));
    clock.textContent = words(performance.now() - begun.get(clock));
  }, 200);

  // htmx puts a value into the panel's body; the panel opens when it is there.
  document.addEventListener("htmx:after:swap", () => {
    const body = document.getElementById("value-body");
    if (body.childElementCount && body.dataset.opens) {
      delete body.dataset.opens;
      if (!panel.open) panel.showModal();
      panel.scrollTop = 0;
    }
  });
  document.addEventListener("htmx:before:request", (event) => {
    const link = event.target.closest && event.target.closest("a[hx-target='#value-body']");
    if (!link) return;
    opener = link.id || link.closest("tr").id;
    document.getElementById("value-body").dataset.opens = "yes";
  });
  panel.addEventListener("close", () => {
    document.getElementById("value-body").replaceChildren();
    const row = opener && document.getElementById(opener);
    const link = row && row.querySelector("a");
    if (link) link.focus();
  });

  // A click anywhere in a row opens its value; arrow keys go from row to row.
  document.addEventListener("click", (event) => {
    const cell = event.target.closest && event.target.closest(".sq-grid td");
    if (cell && !window.getSelection().toString()) cell.parentElement.querySelector("a").click();
  });
  document.addEventListener("keydown", (event) => {
    const link = event.target.closest && event.target.closest(".sq-grid tbody th a");
    if (!link || event.ctrlKey || event.metaKey || event.altKey) return;
    const rows = [...link.closest("tbody").rows];
    const at = rows.indexOf(link.closest("tr"));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    const grid = link.closest(".sq-grid");
    if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      grid.scrollBy({ left: event.key === "ArrowRight" ? 120 : -120 });
      event.preventDefault();
    } else if (to !== undefined && rows[to]) {
      rows[to].querySelector("a").focus();
      event.preventDefault();
    }
  });
})();
