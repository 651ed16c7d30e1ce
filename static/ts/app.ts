// Small kindnesses on every page. Everything works without them.
import { guardForms } from "./lib/guard";
import { combos } from "./lib/combo";
import { days, isoDay } from "./lib/day";
import { selection } from "./lib/selection";
import { themeSwitch } from "./lib/theme";

guardForms(document);
selection(document);
themeSwitch(document);
combos(document);
days(document);

// The refusal of a form takes the focus, so that it is read first.
document.querySelector<HTMLElement>("[data-focus]")?.focus();

// Filters apply themselves when a choice is made; typing still waits for Enter.
for (const form of document.querySelectorAll<HTMLFormElement>("form[data-autosubmit]")) {
  form.addEventListener("change", (e) => {
    const el = e.target;
    const chosen = el instanceof HTMLSelectElement || (el instanceof HTMLInputElement && /^(checkbox|radio)$/.test(el.type));
    const day = el instanceof HTMLInputElement && el.dataset.day !== undefined && (el.value === "" || isoDay(el.value) !== "");
    if (chosen || day) form.requestSubmit();
  });
}

// Empty filters leave the address clean.
for (const form of document.querySelectorAll<HTMLFormElement>("form[method=get]")) {
  form.addEventListener("formdata", (e) => {
    for (const [k, v] of [...e.formData.entries()]) {
      if (v === "") e.formData.delete(k);
    }
  });
}

// On a phone tabs scroll: the one that is shown comes into sight.
for (const tab of document.querySelectorAll<HTMLElement>(".tabs [aria-current]")) {
  for (const box of [tab.closest("ul"), tab.closest("nav")]) {
    if (box && box.scrollWidth > box.clientWidth) box.scrollLeft += tab.getBoundingClientRect().left - box.getBoundingClientRect().left - 16;
  }
}

// Sends the form whose answer this page is once more.
for (const b of document.querySelectorAll<HTMLElement>("[data-reload]")) {
  b.addEventListener("click", () => location.reload());
}

for (const b of document.querySelectorAll<HTMLElement>("[data-print]")) {
  b.addEventListener("click", () => window.print());
}

// "/" goes to the search of the page, where there is one.
document.addEventListener("keydown", (e) => {
  if (e.key !== "/" || e.ctrlKey || e.metaKey || e.altKey) return;
  const at = e.target as HTMLElement;
  if (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName)) return;
  const search = document.querySelector<HTMLInputElement>("main input[type=search]");
  if (search) {
    e.preventDefault();
    search.focus();
    search.select();
  }
});

// Work that runs in the background: the bar asks how far it has come until it is done.
for (const box of document.querySelectorAll<HTMLElement>("[data-progress-url]")) {
  const bar = box.querySelector("progress");
  const text = box.querySelector("[data-progress-text]");
  const ask = async (): Promise<void> => {
    try {
      const r = await fetch(box.dataset.progressUrl ?? "", { headers: { Accept: "application/json" } });
      if (r.ok) {
        const job = (await r.json()) as { done: boolean; value: number; max: number; text: string };
        if (job.done) {
          location.reload();
          return;
        }
        if (bar) {
          bar.max = Math.max(job.max, 1);
          bar.value = job.value;
        }
        if (text) text.textContent = job.text;
      }
    } catch {
      // The connection went away; the next question may reach the server.
    }
    setTimeout(() => void ask(), 1000);
  };
  setTimeout(() => void ask(), 500);
}
