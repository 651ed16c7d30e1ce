// The page that says what this device holds: the lists at hand, what waits and for whom, what the server did not take.
import type { Mark, WalkIn } from "./db";
import { pages } from "./keep";
import type { Outbox } from "./outbox";
import { fill, keptAt, refusals } from "./state";
import { file } from "./wire";

export async function phone(root: HTMLElement, box: Outbox): Promise<void> {
  const say = root.dataset;
  const out = root.querySelector<HTMLElement>("[data-phone-out]");
  if (out) out.hidden = location.hash !== "#out";

  const lists = root.querySelector<HTMLElement>("[data-phone-lists]");
  const here: HTMLElement[] = [];
  for (const [path, html] of await pages().catch(() => new Map<string, string>())) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const title = page.querySelector<HTMLElement>("form[data-attendance]")?.dataset.title;
    if (!title) continue;
    const li = document.createElement("li");
    const a = document.createElement("a");
    const when = document.createElement("p");
    a.href = path;
    a.textContent = title;
    when.className = "muted small";
    when.textContent = keptAt(page, say.sayKept);
    li.append(a, when);
    here.push(li);
  }
  lists?.replaceChildren(...here);
  const none = root.querySelector<HTMLElement>("[data-phone-none]");
  if (none) none.hidden = here.length > 0;

  const changed = (): void => {
    const queues = new Map<string, { by: string; marks: Mark[]; walkIns: WalkIn[] }>();
    const of = (x: { account: string; by: string }): { by: string; marks: Mark[]; walkIns: WalkIn[] } => {
      const q = queues.get(x.account) ?? { by: "", marks: [], walkIns: [] };
      q.by ||= x.by;
      queues.set(x.account, q);
      return q;
    };
    for (const m of [...box.marks, ...box.others]) if (!m.held) of(m).marks.push(m);
    for (const w of [...box.walkIns, ...box.otherWalkIns]) of(w).walkIns.push(w);
    root.querySelector("[data-phone-queues]")?.replaceChildren(
      ...[...queues].map(([account, q]) => {
        const li = document.createElement("li");
        const text = document.createElement("p");
        text.textContent = fill(account === box.account ? say.sayMine : say.sayTheirs, q.marks.length + q.walkIns.length).replace("@", q.by || "…");
        const save = document.createElement("button");
        save.type = "button";
        save.className = "btn btn-secondary";
        save.textContent = say.saySave ?? "";
        save.addEventListener("click", () => download(file(account, q.by, box.device, q.marks, q.walkIns)));
        li.className = "row-action";
        li.append(text, save);
        return li;
      }),
    );
    const nothing = root.querySelector<HTMLElement>("[data-phone-nothing]");
    if (nothing) nothing.hidden = queues.size > 0;
    refusals(root, box, (mark) => root.getAttribute(`data-word-${mark || "none"}`) ?? "");
  };
  root.querySelector("[data-att-again]")?.addEventListener("click", () => box.again());
  root.querySelector("[data-att-drop]")?.addEventListener("click", () => box.drop());
  box.listeners.push({ changed });
  changed();
}

function download(text: string): void {
  const a = document.createElement("a");
  a.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  a.download = `diem-danh-${new Date().toISOString().slice(0, 16).replace(/\D/g, "")}.json`;
  a.click();
  window.setTimeout(() => URL.revokeObjectURL(a.href), 60000);
}
