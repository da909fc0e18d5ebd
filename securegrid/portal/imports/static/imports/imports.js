// Says at once that a file is too large, before it is sent.
"use strict";
(() => {
  const field = document.querySelector("input[type=file][data-most]");
  if (!field) return;
  field.addEventListener("change", () => {
    const file = field.files[0];
    const isTooLarge = Boolean(file) && file.size > Number(field.dataset.most);
    field.setCustomValidity(isTooLarge ? field.dataset.tooLarge : "");
    if (isTooLarge) field.reportValidity();
  });
})();
