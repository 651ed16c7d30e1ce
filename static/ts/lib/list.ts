// The list of a session: a tap marks at once, and the outbox brings the mark to the server when it can.
import { v7 } from "uuid";
import type { Clock } from "./clock";
import { keepSheet, recall, sheet, type Guest, type Known, type Mark, type WalkIn } from "./db";
import { fold } from "./fold";
import { guests } from "./guests";
import { notes } from "./note";
import type { Answer, Outbox } from "./outbox";
import { fill, keptAt, refusals, stateText } from "./state";
import { still } from "./still";
import { walkedIn } from "./wire";

export interface Row {
  el: HTMLElement;
  id: string; // an enrolment's, or a walk-in's uid
  name: string;
  word: HTMLElement | null;
  text: string; // folded; "" until somebody searches
  note: string;
  at: string; // when what is shown was marked or taken back, by the server's clock
}

interface All extends Answer {
  walk_ins: { uid: string; name: string; office: string; replaces: string; mark: string; note: string; marked_at: string | null }[];
}

// What the parts of the list share.
export interface List {
  form: HTMLFormElement;
  say: DOMStringMap;
  rows: Map<string, Row>;
  box: Outbox;
  one: <T extends HTMLElement = HTMLElement>(selector: string) => T | null;
  word: (mark: string) => string;
  row: (el: HTMLElement) => Row;
  mark: (list: Row[], value: string, all: boolean, said: string, note?: string) => void;
  tell: (text: string, back: boolean) => void;
  recount: () => void;
  session: string;
  title: string;
}

export function list(form: HTMLFormElement, box: Outbox, clock: Clock): void {
  const say = form.dataset;
  const session = say.session ?? "";
  const title = say.title ?? "";
  const one = <T extends HTMLElement = HTMLElement>(selector: string): T | null => form.querySelector<T>(selector);
  const rows = new Map<string, Row>();
  const row = (el: HTMLElement): Row => {
    const r = {
      el,
      id: el.dataset.attRow ?? "",
      name: el.querySelector("b")?.textContent ?? "",
      word: el.querySelector<HTMLElement>("[data-att-word]"),
      text: "",
      note: el.querySelector("[data-att-note]")?.textContent ?? "",
      at: el.dataset.at ?? "",
    };
    rows.set(r.id, r);
    return r;
  };
  for (const el of form.querySelectorAll<HTMLElement>("[data-att-row]")) row(el);
  const number = new Intl.NumberFormat(document.documentElement.lang === "en" ? "en" : "vi");
  const word = (mark: string): string => form.getAttribute(`data-word-${mark || "none"}`) ?? "";

  // What the server holds, as far as this page knows: the page itself first, then each answer.
  const known = new Map<string, Known>();
  const learn = (r: Row, k: Known): void => {
    known.set(r.id, k);
    if (box.pending(session).has(r.id)) return;
    show(r, k.mark, k.note);
    r.at = k.at || r.at; // an answer from before the first mark has none
    const odd = r.el.querySelector("[data-att-odd]");
    if (odd && !k.odd) odd.remove();
    const link = document.querySelector<HTMLTemplateElement>("template[data-att-odd-link]")?.content.firstElementChild;
    if (!odd && k.odd && link) {
      const a = document.importNode(link, true);
      a.setAttribute("href", `attendance/${r.id}`);
      r.el.append(a);
    }
  };
  for (const r of rows.values()) {
    const odd = r.el.querySelector("[data-att-odd]") !== null;
    known.set(r.id, { mark: r.el.dataset.mark ?? "", note: r.note, at: r.at, odd });
  }
  const store = async (): Promise<void> => {
    if (document.documentElement.dataset.keep !== box.account) return; // a shared computer keeps no lists
    const here: Guest[] = [...rows.values()].filter((r) => walkedIn(r.id) && known.has(r.id)).map(part.guest);
    await keepSheet({ account: box.account, session, title, path: location.pathname, marks: Object.fromEntries(known), guests: here }).catch(() => undefined);
  };

  const show = (r: Row, mark: string, note: string): void => {
    r.el.dataset.mark = mark;
    r.note = note;
    if (r.word) r.word.textContent = word(mark);
    const n = r.el.querySelector("[data-att-note]");
    if (n && n.textContent !== note) n.textContent = note;
  };
  const count = (): { attended: number; unmarked: number } => {
    let attended = 0;
    let unmarked = 0;
    for (const r of rows.values()) {
      const m = r.el.dataset.mark;
      if (walkedIn(r.id)) continue;
      if (m === "present" || m === "late") attended++;
      else if (m === "") unmarked++;
    }
    return { attended, unmarked };
  };
  const digits = (selector: string): number => Number(one(selector)?.textContent?.replace(/\D/g, "") ?? 0);
  const enrolled = [...rows.keys()].filter((id) => !walkedIn(id)).length;
  const whole = digits("[data-att-total]") === enrolled; // else the page shows a part
  let base = { attended: digits("[data-att-present]"), unmarked: digits("[data-att-unmarked]") };
  let shown = count();
  // What the server counted, moved by what has been tapped since.
  const recount = (): void => {
    const c = count();
    const a = one("[data-att-present]");
    const u = one("[data-att-unmarked]");
    if (a) a.textContent = number.format(base.attended + c.attended - shown.attended);
    if (u) u.textContent = number.format(base.unmarked + c.unmarked - shown.unmarked);
    part.count();
  };
  const settleOn = (attended: number, unmarked: number): void => {
    base = { attended, unmarked };
    shown = count();
    recount();
  };

  const words = document.querySelector<HTMLElement>("meta[name=marks]")?.dataset ?? {};
  const aloud = one("[data-att-aloud]");
  let before = "";
  const takenBack = new Set<string>();
  const status = (): void => {
    const state = one("[data-att-state]");
    const well = box.state === "saved" || box.state === "sending";
    const text = stateText(box, words);
    if (state) {
      state.dataset.attState = well ? "online" : "offline";
      for (const el of state.querySelectorAll("[data-att-said]")) el.textContent = text;
    }
    // Read out only what changes the situation: every single saving would drown the names.
    if (aloud && !well && before !== box.state) aloud.textContent = text;
    if (aloud && box.state === "saved" && /lost|busy|out/.test(before)) aloud.textContent = say.sayBack ?? "";
    if (box.state !== "sending") before = box.state;
    still(() => {
      const out = one("[data-att-out]");
      if (out) out.hidden = box.state !== "out";
      const unkept = one("[data-att-unkept]");
      if (unkept) {
        unkept.hidden = box.keeps && box.unkept() === 0;
        unkept.textContent = box.keeps ? fill(say.sayFull, box.unkept()) : (say.sayUnkept ?? "");
      }
      refusals(form, box, word);
    });
    // What was shown in advance is taken back, once: a later mark of the same person stands.
    const waiting = box.pending(session);
    for (const m of box.marks) {
      if (m.session !== session || takenBack.has(m.uid) || (m.refused === undefined && !m.held)) continue;
      takenBack.add(m.uid);
      const r = rows.get(m.person);
      const k = known.get(m.person);
      if (r && !waiting.has(m.person)) show(r, k?.mark ?? m.was, k?.note ?? "");
    }
    recount();
  };

  async function refresh(): Promise<void> {
    try {
      const r = await fetch(`/api/v1/sessions/${encodeURIComponent(session)}/marks`, { headers: { Accept: "application/json" }, redirect: "manual" });
      if (!r.ok) return;
      const all = (await r.json()) as All;
      hold(all);
      part.replace(all.walk_ins.map((w) => ({ uid: w.uid, name: w.name, office: w.office, replaces: w.replaces })));
      for (const w of all.walk_ins) {
        const r = rows.get(w.uid);
        if (r) learn(r, { mark: w.mark, note: w.note, at: w.marked_at ?? "", odd: false });
      }
      box.reached(true);
      if (box.count() === 0) settleOn(all.attended, all.unmarked);
      void store();
    } catch {
      // The list stays as it is; the next answer brings it up again.
      box.reached(false);
      window.setTimeout(() => void refresh(), 15000);
    }
  }
  const hold = (a: Answer): void => {
    for (const m of a.marks) {
      const r = rows.get(String(m.enrolment_id));
      if (r) learn(r, { mark: m.mark, note: m.note, at: m.marked_at ?? "", odd: m.disputed });
    }
  };

  box.listeners.push({
    changed: status,
    elsewhere: () => void refresh(),
    taken: (marks, entered) => {
      // Of walk-ins the answer says no more than that it has the mark.
      for (const m of marks) {
        if (m.session === session && walkedIn(m.person)) known.set(m.person, { mark: m.mark, note: m.note, at: new Date(m.at + (m.offset ?? 0)).toISOString(), odd: false });
      }
      return marks.length + entered.length > 0 ? store() : undefined;
    },
    answered: (of, answer) => {
      if (of !== session) return undefined;
      hold(answer);
      const kept = store();
      if (box.count() > 0) return kept;
      settleOn(answer.attended, answer.unmarked);
      // Somebody else marks too: fetch what this page does not know.
      const c = count();
      if (whole && (c.attended !== answer.attended || c.unmarked !== answer.unmarked)) void refresh();
      return kept;
    },
  });

  // Marks of persons, with the way back.
  let undo: { row: Row; to: string; note: string }[] = [];
  function put(changes: { row: Row; to: string; note: string }[], all: boolean): void {
    const marks: Mark[] = changes.map(({ row, to, note }) => {
      const at = clock.after(row.at);
      const m: Mark = {
        ...{ uid: v7(), account: box.account, by: box.by, session, title, person: row.id, name: row.name },
        ...{ mark: to, note: to === "" ? "" : note, all, source: "list", at, offset: clock.offset, seen: row.at, was: row.el.dataset.mark ?? "" },
      };
      row.at = new Date(clock.at(at)).toISOString();
      show(row, to, m.note);
      return m;
    });
    recount();
    box.add(marks);
    if (!asked) void navigator.storage?.persist?.().catch(() => false);
    asked = true;
  }
  let asked = false; // the browser, not to throw away what waits when the device is full
  function mark(some: Row[], value: string, all: boolean, said: string, note?: string): void {
    const changed = some.filter((r) => r.el.dataset.mark !== value || (note !== undefined && r.note !== note));
    if (changed.length === 0) return;
    undo = changed.map((r) => ({ row: r, to: r.el.dataset.mark ?? "", note: r.note }));
    put(changed.map((r) => ({ row: r, to: value, note: note ?? r.note })), all);
    tell(said, true);
  }
  function tell(text: string, back: boolean): void {
    const bar = one("[data-att-undo]");
    const did = one("[data-att-did]");
    if (bar) bar.hidden = false;
    if (did) did.textContent = text;
    const button = one<HTMLButtonElement>("[data-att-back]");
    if (button) button.hidden = !back;
  }

  const shared: List = { form, say, rows, box, one, word, row, mark, tell, recount, session, title };
  const part = guests(shared, (w: WalkIn) => {
    const r = rows.get(w.uid);
    if (!r) return;
    const at = clock.after("");
    r.at = new Date(clock.at(at)).toISOString();
    show(r, "present", "");
    const m: Mark = {
      ...{ uid: v7(), account: box.account, by: box.by, session, title, person: w.uid, name: w.name },
      ...{ mark: "present", note: "", all: false, source: "list", at, offset: clock.offset, seen: "", was: "" },
    };
    box.add([m], [w]);
  });
  const typed = notes(shared);

  form.addEventListener("submit", (e) => {
    const button = e.submitter;
    if (!(button instanceof HTMLButtonElement) || button.name !== "tap" || !box.keeps) return;
    e.preventDefault();
    const [who = "", value = ""] = button.value.split(":");
    if (who === "all") {
      const blank = [...rows.values()].filter((r) => r.el.dataset.mark === "" && !walkedIn(r.id));
      mark(blank, "present", true, fill(say.sayAll, blank.length));
      return;
    }
    const r = rows.get(who);
    if (!r) return;
    mark([r], value === "none" ? "" : value, false, `${r.name}: ${word(value)}`, typed(r));
    const more = r.el.querySelector("details");
    if (more?.open && more.contains(button)) {
      more.open = false;
      more.querySelector("summary")?.focus();
    }
  });
  one("[data-att-back]")?.addEventListener("click", () => {
    put(undo, false);
    undo = [];
    tell(say.sayUndone ?? "", false);
    one("[data-att-search]")?.focus({ preventScroll: true });
  });
  one("[data-att-again]")?.addEventListener("click", () => {
    for (const m of box.marks) {
      const r = m.refused === undefined || m.session !== session ? undefined : rows.get(m.person);
      if (r) show(r, m.mark, m.note);
      takenBack.delete(m.uid);
    }
    box.again();
  });
  one("[data-att-drop]")?.addEventListener("click", () => {
    box.drop();
    void refresh();
  });

  search(shared, whole);

  void (async () => {
    await box.open();
    await clock.load();
    opening(form, clock);
    const saved = document.documentElement.dataset.saved !== undefined;
    const since = one("[data-att-kept]");
    if (since && saved) {
      still(() => {
        since.textContent = keptAt(document, say.sayKept);
        since.hidden = false;
      });
    }
    const last = saved ? await sheet(box.account, session).catch(() => undefined) : undefined;
    // A page that was kept is older than what this device has learnt since.
    if (last) {
      part.add(last.guests);
      for (const [id, k] of Object.entries(last.marks)) {
        const r = rows.get(id);
        if (r && k.at >= r.at) learn(r, k);
      }
    }
    part.add(box.walkIns.filter((w) => w.session === session && w.refused === undefined).map((w) => part.entered(w)));
    if (last) base = shown = count();
    for (const [id, m] of box.pending(session)) {
      const r = rows.get(id);
      if (!r) continue;
      show(r, m.mark, m.note);
      r.at = new Date(m.at + (m.offset ?? 0)).toISOString();
    }
    form.dataset.live = "";
    status();
    void store();
    // So is one that was on its way while the page before it brought marks to the server.
    if (saved || (await recall<number>("taken").catch(() => 0) ?? 0) > performance.timeOrigin) void refresh();
  })();
}

// Search and "not marked yet" narrow the list here; without script the server does.
function search(l: List, whole: boolean): void {
  const field = l.one<HTMLInputElement>("[data-att-search]");
  const blank = l.one<HTMLAnchorElement>("[data-att-blank]");
  let only: Set<string> | null = null;
  const narrow = (): Row[] => {
    const words = fold(field?.value ?? "").split(" ").filter(Boolean);
    const left: Row[] = [];
    for (const r of l.rows.values()) {
      if (words.length > 0 && r.text === "") r.text = fold(`${r.name} ${r.el.querySelector("small")?.textContent ?? ""}`);
      const fits = words.every((w) => r.text.includes(w)) && (only === null || only.has(r.id));
      r.el.hidden = !fits;
      if (fits) left.push(r);
    }
    const none = l.one("[data-att-nobody]");
    if (none) none.hidden = left.length > 0;
    return left;
  };
  if (!whole) return;
  field?.addEventListener("input", narrow);
  blank?.addEventListener("click", (e) => {
    e.preventDefault();
    // Those who have no mark now: a row that is tapped stays where it is until the list is asked for again.
    only = only ? null : new Set([...l.rows.values()].filter((r) => r.el.dataset.mark === "").map((r) => r.id));
    if (only) blank.setAttribute("aria-current", "true");
    else blank.removeAttribute("aria-current");
    narrow();
  });
  field?.form?.addEventListener("submit", (e) => {
    e.preventDefault();
    // Enter marks the one who is left, for those who type faster than they point.
    const left = narrow();
    const r = left[0];
    if (r && left.length === 1 && field.value.trim() !== "" && !r.el.closest("fieldset:disabled")) {
      l.mark([r], "present", false, `${r.name}: ${l.word("present")}`);
      field.select();
    }
  });
}

// A list that was opened before its day can be marked when the day has come, also where the page was kept and nobody is there to ask.
function opening(form: HTMLFormElement, clock: Clock): void {
  const from = Number(form.dataset.opens);
  if (!from) return;
  const look = (): void => {
    const open = clock.at(Date.now()) >= from;
    for (const el of form.querySelectorAll<HTMLFieldSetElement | HTMLButtonElement>("[data-att-opens]")) el.disabled = !open;
    for (const el of document.querySelectorAll<HTMLElement>("[data-att-not-yet]")) el.hidden = open;
    if (!open) window.setTimeout(look, 30000);
  };
  look();
}
