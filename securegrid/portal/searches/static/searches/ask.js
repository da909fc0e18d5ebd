// The box: opening and dropping files, saying when something is too large, searching by Ctrl+Enter.
"use strict";
(() => {
  const form = document.getElementById("ask");
  const text = document.getElementById("text");
  const file = document.getElementById("file");
  const box = document.getElementById("box");
  const wrong = document.getElementById("text-error");
  const maxBytes = Number(form.dataset.maxBytes);
  document.querySelectorAll(".sq-box-file, .sq-box-drop, .sq-all").forEach((part) => { part.hidden = false; });

  const complain = (words) => {
    wrong.textContent = words;
    text.toggleAttribute("aria-invalid", Boolean(words));
  };
  const isTooBig = () => text.value.length > maxBytes || new Blob([text.value]).size > maxBytes;

  // Nothing too large leaves the browser: neither while typing nor by the button.
  text.addEventListener("input", () => complain(isTooBig() ? form.dataset.tooBig : ""));
  document.addEventListener("htmx:config:request", (event) => {
    if (form.contains(event.target) && isTooBig()) event.preventDefault();
  });
  form.addEventListener("submit", (event) => {
    if (!isTooBig()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    complain(form.dataset.tooBig);
    text.focus();
  }, true);

  // UTF-8 first; files of Japanese spreadsheets are often Shift_JIS.
  const decode = (bytes) => {
    if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
    if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes);
    for (const name of ["utf-8", "shift_jis"]) {
      try {
        return new TextDecoder(name, { fatal: true }).decode(bytes);
      } catch { /* the next one */ }
    }
    return null;
  };
  const open = async (chosen) => {
    if (chosen.size > maxBytes) return complain(form.dataset.tooBig);
    const content = decode(new Uint8Array(await chosen.arrayBuffer()));
    if (content === null || content.includes("\0")) return complain(form.dataset.notText);
    text.value = content;
    text.dispatchEvent(new Event("input", { bubbles: true }));
    text.focus();
    return undefined;
  };
  document.getElementById("choose-file").addEventListener("click", () => file.click());
  file.addEventListener("change", () => {
    if (file.files.length) open(file.files[0]);
    file.value = "";
  });
  const carriesFile = (event) => [...event.dataTransfer.types].includes("Files");
  box.addEventListener("dragover", (event) => {
    if (!carriesFile(event)) return;
    event.preventDefault();
    box.classList.add("sq-over");
  });
  box.addEventListener("dragleave", () => box.classList.remove("sq-over"));
  box.addEventListener("drop", (event) => {
    box.classList.remove("sq-over");
    if (!carriesFile(event)) return;
    event.preventDefault();
    open(event.dataTransfer.files[0]);
  });

  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit(document.getElementById("run"));
    }
  });
  const misps = () => [...form.querySelectorAll("input[name=misp]")];
  const all = document.getElementById("all-misps");
  if (all) {
    all.addEventListener("click", () => {
      const tick = misps().some((misp) => !misp.checked);
      misps().forEach((misp) => { misp.checked = tick; });
    });
  }
})();
