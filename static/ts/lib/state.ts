import type { Outbox, State } from "./outbox";

// Puts a number into a sentence.
export function fill(text: string | undefined, n: number): string {
  return (text ?? "").replace("#", new Intl.NumberFormat(document.documentElement.lang === "en" ? "en" : "vi").format(n));
}

// When a page was kept, in words.
export function keptAt(page: Document, text: string | undefined): string {
  const at = new Date(Number(page.documentElement.dataset.saved));
  return (text ?? "").replace("#", at.toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" }));
}

// The situation in words.
export function stateText(box: Outbox, say: DOMStringMap): string {
  return stateOf(box.state, box.unsettled(), say);
}

export function stateOf(state: State, n: number, say: DOMStringMap): string {
  switch (state) {
    case "busy":
      return fill(say.sayBusy, n);
    case "out":
      return fill(say.sayOut, n);
    case "lost":
      return n > 0 ? fill(say.sayLost, n) : (say.sayOffline ?? "");
    default:
      return n > 0 ? fill(say.saySending, n) : (say.saySaved ?? "");
  }
}

// What the server did not take, and what came after the course had closed, each with the reason.
export function refusals(root: ParentNode, box: Outbox, word: (mark: string) => string): void {
  const panel = root.querySelector<HTMLElement>("[data-att-refused]");
  if (!panel) return;
  const all = box.answeredFor();
  panel.hidden = all.length === 0;
  const again = panel.querySelector<HTMLElement>("[data-att-again]");
  const only = all.every((x) => x.refused === undefined);
  if (again) again.hidden = only;
  const head = panel.querySelector<HTMLElement>("p");
  if (head) head.hidden = only;
  panel.querySelector("ul")?.replaceChildren(
    ...all.map((x) => {
      const li = document.createElement("li");
      const b = document.createElement("b");
      b.textContent = x.name;
      li.append(b, `: ${"mark" in x ? word(x.mark) : (panel.dataset.new ?? "")}. ${x.refused ?? panel.dataset.held ?? ""}`);
      return li;
    }),
  );
}
