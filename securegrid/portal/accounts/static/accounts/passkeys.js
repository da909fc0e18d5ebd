// Says on the page why a passkey was not used; allauth's script only tells the console.
"use strict";
(() => {
  const kinds = { NotAllowedError: "unused", InvalidStateError: "known", SecurityError: "address" };

  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    const template = document.getElementById("passkey-failed");
    const error = event.detail.exception;
    const kind = window.isSecureContext ? kinds[error && error.name] || "other" : "address";
    for (const old of document.querySelectorAll("main .alert")) old.remove();
    const alert = template.content.firstElementChild.cloneNode(true);
    // Put into the page empty, filled afterwards: so it is read out.
    document.querySelector("main h1").after(alert);
    alert.lastElementChild.textContent = template.dataset[kind];
  });
})();
