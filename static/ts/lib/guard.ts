// A form is sent once: a second press while the first is on its way does nothing. The request key makes a repeat
// harmless anyway; this keeps people from waiting for the second answer.
export function guardForms(root: ParentNode): void {
  for (const form of root.querySelectorAll<HTMLFormElement>("form[method=post]")) {
    if (form.hasAttribute("data-unguarded")) continue;
    form.addEventListener("submit", (e) => {
      if (e.defaultPrevented || e.submitter?.getAttribute("formmethod") === "get") return; // a file comes, and the page stays
      if (form.dataset.sent) {
        e.preventDefault();
        return;
      }
      form.dataset.sent = "1";
      e.submitter?.setAttribute("data-busy", "");
      e.submitter?.setAttribute("aria-busy", "true");
    });
  }
  // Coming back with the browser's own button must find the form alive again.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) {
      delete form.dataset.sent;
      for (const b of form.querySelectorAll("[data-busy]")) {
        b.removeAttribute("data-busy");
        b.removeAttribute("aria-busy");
      }
    }
  });
}
