// Those who came and are not on the list: their rows, and the form that enters them.
import { v7 } from "uuid";
import type { Guest, WalkIn } from "./db";
import { fold } from "./fold";
import type { List, Row } from "./list";
import { walkedIn } from "./wire";

export interface Guests {
  add: (list: Guest[]) => void;
  replace: (list: Guest[]) => void; // with what the server knows, beside what waits
  guest: (row: Row) => Guest;
  entered: (w: WalkIn) => Guest;
  count: () => void;
}

export function guests(l: List, enter: (w: WalkIn) => void): Guests {
  const ul = l.one("[data-att-guests]");
  const model = document.querySelector<HTMLTemplateElement>("template[data-att-guest]")?.content.firstElementChild;
  const form = document.querySelector<HTMLFormElement>("form[data-att-add]");

  const rowOf = (g: Guest): void => {
    if (!ul || !model || l.rows.has(g.uid)) return;
    const el = model.cloneNode(true) as HTMLElement;
    el.id = `r${g.uid}`;
    el.dataset.attRow = g.uid;
    for (const b of el.querySelectorAll("button")) b.value = b.value.replace("ID", g.uid);
    const name = el.querySelector("b");
    const under = el.querySelector("[data-att-sub]");
    if (name) name.textContent = g.name;
    if (under) under.textContent = g.replaces ? `${g.office} · ${(l.say.sayInstead ?? "").replace("#", g.replaces)}` : g.office;
    el.dataset.office = g.office;
    el.dataset.replaces = g.replaces;
    ul.append(el);
    l.row(el);
  };
  const count = (): void => {
    const all = [...l.rows.values()].filter((r) => walkedIn(r.id));
    const box = l.one("[data-att-extra]");
    const n = all.filter((r) => /present|late/.test(r.el.dataset.mark ?? "")).length;
    if (box) box.textContent = n > 0 ? (l.say.sayExtra ?? "").replace("#", String(n)) : "";
    const part = l.one("[data-att-guest-part]");
    if (part) part.hidden = all.length === 0;
  };
  const add = (list: Guest[]): void => {
    list.forEach(rowOf);
    count();
  };
  const entered = (w: WalkIn): Guest => ({ uid: w.uid, name: w.name, office: w.office, replaces: l.rows.get(w.replaces)?.name ?? "" });

  // The same name again is more often the same person than another one.
  let asked = "";
  form?.addEventListener("submit", (e) => {
    if (!l.box.keeps) return;
    e.preventDefault();
    const text = (name: string): string => (form.elements.namedItem(name) as HTMLInputElement | null)?.value.trim().replace(/\s+/g, " ") ?? "";
    const name = text("name");
    const year = text("birth_year");
    const twin = form.querySelector<HTMLElement>("[data-att-twin]");
    const same = [...l.rows.values()].find((r) => fold(r.name) === fold(name));
    const sure = (form.elements.namedItem("sure") as HTMLInputElement | null)?.checked || asked === fold(name);
    if (same && !sure) {
      asked = fold(name);
      if (twin) {
        twin.hidden = false;
        const who = twin.querySelector("b");
        if (who) who.textContent = `${same.name}, ${same.el.querySelector("small")?.textContent?.trim() ?? ""}`;
        twin.querySelector<HTMLElement>("input")?.focus();
      }
      return;
    }
    asked = "";
    if (twin) twin.hidden = true;
    const w: WalkIn = {
      ...{ uid: v7(), account: l.box.account, by: l.box.by, session: l.session, title: l.title },
      ...{ name, office: text("office"), birthYear: Number(year) || 0, replaces: text("replaces") },
    };
    add([entered(w)]);
    enter(w);
    l.recount();
    form.reset();
    l.tell(`${name}: ${l.word("present")}`, false);
    (form.elements.namedItem("name") as HTMLElement | null)?.focus();
  });

  return {
    add,
    entered,
    count,
    guest: (r) => ({ uid: r.id, name: r.name, office: r.el.dataset.office ?? "", replaces: r.el.dataset.replaces ?? "" }),
    replace: (list) => {
      const there = new Set([...list.map((g) => g.uid), ...l.box.walkIns.map((w) => w.uid)]);
      for (const r of l.rows.values()) {
        if (!walkedIn(r.id) || there.has(r.id)) continue;
        r.el.remove();
        l.rows.delete(r.id);
      }
      add(list);
    },
  };
}
