// The theme changes at once and is remembered by the server in the background; without script the form does it.
export function themeSwitch(root: ParentNode): void {
  for (const group of root.querySelectorAll<HTMLElement>("[data-theme-switch]")) {
    group.addEventListener("click", (e) => {
      const button = (e.target as Element).closest<HTMLButtonElement>("button[name=theme]");
      const form = button?.form;
      if (!button || !form) return;
      e.preventDefault();
      const html = document.documentElement;
      if (button.value === "auto") delete html.dataset.theme;
      else html.dataset.theme = button.value;
      for (const b of document.querySelectorAll("[data-theme-switch] button")) {
        if (b instanceof HTMLButtonElement && b.value === button.value) b.setAttribute("aria-pressed", "true");
        else b.removeAttribute("aria-pressed");
      }
      const body = new URLSearchParams();
      for (const [k, v] of new FormData(form, button)) body.set(k, String(v));
      void fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => undefined);
    });
  }
}
