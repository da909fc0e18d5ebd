// Small behaviours of the shell: menus, theme, copying, asking before a change, side panels.
"use strict";
(() => {
  const root = document.documentElement;
  const on = (type, selector, act) =>
    document.addEventListener(type, (event) => {
      const found = event.target.closest && event.target.closest(selector);
      if (found) act(found, event);
    });

  // Menus (details.sg-menu): only one open; Escape and a click elsewhere close.
  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll("details.sg-menu[open]")) {
      if (menu !== except) menu.open = false;
    }
  };
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.sg-menu")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.activeElement && document.activeElement.closest("details.sg-menu[open]");
    closeMenus(null);
    if (menu) menu.querySelector("summary").focus();
  });

  on("click", ".sg-nav-button", (button) => {
    const open = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(open));
    document.getElementById("sg-nav").classList.toggle("sg-open", open);
  });

  // Theme: at once, without loading the page again.
  on("click", ".sg-theme button", (button, event) => {
    event.preventDefault();
    root.dataset.theme = button.value;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `theme=${button.value}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
    for (const each of button.form.querySelectorAll("button")) {
      each.setAttribute("aria-pressed", String(each === button));
    }
    window.sgApplyTheme();
    closeMenus(null);
  });

  const say = (text) => {
    document.getElementById("sg-say").textContent = text;
  };

  // <button data-copy="#id-of-element">: copies its text or value.
  on("click", "[data-copy]", async (button) => {
    const source = document.querySelector(button.dataset.copy);
    const text = "value" in source ? source.value : source.textContent.trim();
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const chosen = window.getSelection();
      if ("select" in source) source.select();
      else chosen.selectAllChildren(source);
      document.execCommand("copy");
    }
    const words = document.getElementById("sg-say").dataset.copied;
    say(words);
    button.classList.add("sg-done");
    window.setTimeout(() => button.classList.remove("sg-done"), 1500);
  });

  // <form data-confirm="…"> and <button data-confirm="…">: asks first, in a dialog.
  document.addEventListener("submit", (event) => {
    const asked = (event.submitter && event.submitter.dataset.confirm) || event.target.dataset.confirm;
    if (!asked || event.target.dataset.confirmed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { target: form, submitter } = event;
    const dialog = document.getElementById("sg-confirm");
    dialog.querySelector("p").textContent = asked;
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => {
      if (dialog.returnValue !== "yes") return;
      form.dataset.confirmed = "yes";
      form.requestSubmit(submitter);
      delete form.dataset.confirmed;
    }, { once: true });
    dialog.showModal();
  }, true);

  // <button data-opens="id">: opens a <dialog>, e.g. a side panel (dialog.sg-panel).
  on("click", "[data-opens]", (button) => document.getElementById(button.dataset.opens).showModal());
  on("click", "[data-closes]", (button) => button.closest("dialog").close());
  on("click", "dialog.sg-panel", (dialog, event) => {
    if (event.target === dialog) dialog.close();
  });

  // <select data-shows="name">: shows the [data-shown-for="name"] parts whose data-values name it.
  const showParts = (select) => {
    for (const part of document.querySelectorAll(`[data-shown-for="${select.dataset.shows}"]`)) {
      part.hidden = !part.dataset.values.split(" ").includes(select.value);
    }
  };
  on("change", "[data-shows]", showParts);
  document.querySelectorAll("[data-shows]").forEach(showParts);

  // <select data-submits>: sends its form when changed.
  on("change", "[data-submits]", (field) => field.form.requestSubmit());

  // A form that was sent cannot be sent twice; its button shows that it works.
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.method === "dialog") return;
    const button = event.submitter;
    if (button && !event.target.hasAttribute("data-again")) {
      window.setTimeout(() => {
        button.classList.add("sg-busy");
        button.setAttribute("aria-disabled", "true");
      });
    }
  });
  window.addEventListener("pageshow", () => {
    for (const button of document.querySelectorAll(".sg-busy")) {
      button.classList.remove("sg-busy");
      button.removeAttribute("aria-disabled");
    }
  });

  // <input data-from-fragment>: takes its value from the address after #, which is then removed,
  // so that a code in a link is neither sent in an address nor kept in the history.
  for (const field of document.querySelectorAll("input[data-from-fragment]")) {
    const code = decodeURIComponent(location.hash.slice(1));
    if (!code) continue;
    field.value = code;
    field.closest(".sg-field").hidden = true;
    history.replaceState(null, "", location.pathname + location.search);
  }

  // After a failed check the first wrong field has the focus.
  const wrong = document.querySelector("main .is-invalid");
  if (wrong) wrong.focus();
})();
