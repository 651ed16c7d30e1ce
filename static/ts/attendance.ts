// The list of a session: a tap marks at once, and the outbox brings the mark to the server when it can.
import { v7 } from "uuid";
import { fold } from "./lib/fold";
import { Outbox, type Answer, type Held } from "./lib/outbox";

const form = document.querySelector<HTMLFormElement>("form[data-attendance]");
if (form) list(form);

interface Row {
  el: HTMLElement;
  id: string;
  name: string;
  word: HTMLElement | null;
  text: string; // folded; "" until somebody searches
}

function list(form: HTMLFormElement): void {
  const say = form.dataset;
  const session = say.session ?? "";
  const one = <T extends HTMLElement = HTMLElement>(selector: string): T | null => form.querySelector<T>(selector);
  const rows = new Map<string, Row>();
  for (const el of form.querySelectorAll<HTMLElement>("[data-att-row]")) {
    const id = el.dataset.attRow ?? "";
    rows.set(id, { el, id, name: el.querySelector("b")?.textContent ?? "", word: el.querySelector("[data-att-word]"), text: "" });
  }
  const number = new Intl.NumberFormat(document.documentElement.lang === "en" ? "en" : "vi");
  const fill = (text: string | undefined, n: number): string => (text ?? "").replace("#", number.format(n));

  // The server's clock, as far as this device can tell: from the page itself, then from each quick answer.
  const arrived = performance.getEntriesByType("navigation")[0] as PerformanceNavigationTiming | undefined;
  let offset = Number(say.now) - (Date.now() - performance.now() + (arrived?.responseStart ?? 0));
  let last = 0;
  const now = (): number => {
    last = Math.max(last + 1, Math.round(Date.now() + offset)); // never back, so that the later of two taps is the later mark
    return last;
  };

  const show = (row: Row, mark: string): void => {
    row.el.dataset.mark = mark;
    if (row.word) row.word.textContent = form.getAttribute(`data-word-${mark || "none"}`);
  };
  const count = (): { attended: number; unmarked: number } => {
    let attended = 0;
    let unmarked = 0;
    for (const r of rows.values()) {
      const m = r.el.dataset.mark;
      if (m === "present" || m === "late") attended++;
      else if (m === "") unmarked++;
    }
    return { attended, unmarked };
  };
  const whole = Number(one("[data-att-total]")?.textContent?.replace(/\D/g, "")) === rows.size; // else the page shows a part
  const figures = (attended: number, unmarked: number): void => {
    const a = one("[data-att-present]");
    const u = one("[data-att-unmarked]");
    if (a) a.textContent = number.format(attended);
    if (u) u.textContent = number.format(unmarked);
  };
  let base = { attended: digits("[data-att-present]"), unmarked: digits("[data-att-unmarked]") };
  let shown = count();
  function digits(selector: string): number {
    return Number(one(selector)?.textContent?.replace(/\D/g, "") ?? 0);
  }
  // What the server counted, moved by what has been tapped since.
  const recount = (): void => {
    const c = count();
    figures(base.attended + c.attended - shown.attended, base.unmarked + c.unmarked - shown.unmarked);
  };
  const settleOn = (attended: number, unmarked: number): void => {
    base = { attended, unmarked };
    shown = count();
    recount();
  };

  const aloud = one("[data-att-aloud]");
  let before = "";
  const box = new Outbox(say.account ?? "", say.sayRefused ?? "", status, answered, (at, from, to) => {
    if (to - from < 2000) offset = at - (from + to) / 2;
  });
  const takenBack = new Set(box.refused().map((m) => m.uid));

  function status(): void {
    const n = box.unsent().length;
    const state = one("[data-att-state]");
    const text =
      box.state === "sending"
        ? fill(say.saySending, n)
        : box.state === "busy"
          ? fill(say.sayBusy, n)
          : box.state === "out"
            ? fill(say.sayOut, n)
            : box.state === "lost"
              ? n > 0
                ? fill(say.sayLost, n)
                : (say.sayOffline ?? "")
              : (say.saySaved ?? "");
    const well = box.state === "saved" || box.state === "sending";
    if (state) {
      state.dataset.attState = well ? "online" : "offline";
      for (const el of state.querySelectorAll("[data-att-said]")) el.textContent = text;
    }
    // Read out only what changes the situation: every single saving would drown the names.
    if (aloud && !well && before !== box.state) aloud.textContent = text;
    if (aloud && box.state === "saved" && /lost|busy|out/.test(before)) aloud.textContent = say.sayBack ?? "";
    if (box.state !== "sending") before = box.state;
    const out = one("[data-att-out]");
    if (out) out.hidden = box.state !== "out";
    refusals();
  }

  function refusals(): void {
    const panel = one("[data-att-refused]");
    const bad = box.refused();
    if (!panel) return;
    panel.hidden = bad.length === 0;
    panel.querySelector("ul")?.replaceChildren(
      ...bad.map((m) => {
        const li = document.createElement("li");
        const b = document.createElement("b");
        b.textContent = m.name;
        li.append(b, `: ${form.getAttribute(`data-word-${m.mark || "none"}`)}. ${m.refused ?? ""}`);
        return li;
      }),
    );
    // What was shown in advance is taken back, once: a later mark of the same person stands.
    const waiting = box.pending(session);
    for (const m of bad) {
      const row = rows.get(m.enrolment);
      if (row && m.session === session && !takenBack.has(m.uid) && !waiting.has(m.enrolment)) show(row, m.was);
      takenBack.add(m.uid);
    }
    recount();
  }

  function answered(of: string, answer: Answer): void {
    if (of !== session) return;
    hold(answer.marks);
    if (box.unsent().length > 0) return;
    settleOn(answer.attended, answer.unmarked);
    // Somebody else marks too: fetch what this page does not know.
    const c = count();
    if (whole && (c.attended !== answer.attended || c.unmarked !== answer.unmarked)) void refresh();
  }

  function hold(marks: Held[]): void {
    const waiting = box.pending(session);
    for (const m of marks) {
      const row = rows.get(String(m.enrolment_id));
      if (row && !waiting.has(row.id)) show(row, m.mark);
    }
  }

  async function refresh(): Promise<void> {
    try {
      const r = await fetch(`/api/v1/sessions/${encodeURIComponent(session)}/marks`, { headers: { Accept: "application/json" }, redirect: "manual" });
      if (!r.ok) return;
      const all = (await r.json()) as Answer;
      hold(all.marks);
      if (box.unsent().length === 0) settleOn(all.attended, all.unmarked);
    } catch {
      // The list stays as it is; the next answer brings it up again.
    }
  }

  // Marks of persons, with the way back.
  let undo: { row: Row; was: string }[] = [];
  function mark(list: Row[], value: string, all: boolean, said: string): void {
    const changed = list.map((row) => ({ row, was: row.el.dataset.mark ?? "" })).filter((x) => x.was !== value);
    if (changed.length === 0) return;
    undo = changed;
    put(changed.map((x) => ({ row: x.row, to: value })), all);
    tell(said, true);
  }
  function put(changes: { row: Row; to: string }[], all: boolean): void {
    const marks = changes.map(({ row, to }) => ({
      uid: v7(),
      session,
      enrolment: row.id,
      mark: to,
      all,
      at: now(),
      name: row.name,
      was: row.el.dataset.mark ?? "",
    }));
    for (const { row, to } of changes) show(row, to);
    recount();
    box.add(marks);
  }
  function tell(text: string, back: boolean): void {
    const bar = one("[data-att-undo]");
    const did = one("[data-att-did]");
    if (bar) bar.hidden = false;
    if (did) did.textContent = text;
    const button = one<HTMLButtonElement>("[data-att-back]");
    if (button) button.hidden = !back;
  }

  form.addEventListener("submit", (e) => {
    const button = e.submitter;
    if (!(button instanceof HTMLButtonElement) || button.name !== "tap") return;
    e.preventDefault();
    const [who = "", word = ""] = button.value.split(":");
    if (who === "all") {
      const blank = [...rows.values()].filter((r) => r.el.dataset.mark === "");
      mark(blank, "present", true, fill(say.sayAll, blank.length));
      return;
    }
    const row = rows.get(who);
    if (!row) return;
    const value = word === "none" ? "" : word;
    mark([row], value, false, `${row.name}: ${form.getAttribute(`data-word-${word}`)}`);
    const more = row.el.querySelector("details");
    if (more?.open && more.contains(button)) {
      more.open = false;
      more.querySelector("summary")?.focus();
    }
  });
  one("[data-att-back]")?.addEventListener("click", () => {
    put(undo.map((x) => ({ row: x.row, to: x.was })), false);
    undo = [];
    tell(say.sayUndone ?? "", false);
    one("[data-att-search]")?.focus({ preventScroll: true });
  });
  one("[data-att-again]")?.addEventListener("click", () => {
    for (const m of box.refused()) {
      const row = rows.get(m.enrolment);
      if (row && m.session === session) show(row, m.mark);
      takenBack.delete(m.uid);
    }
    box.again();
  });
  one("[data-att-drop]")?.addEventListener("click", () => {
    box.drop();
    void refresh();
  });

  // Going to sign in is the way on, and what waits is stored.
  one("[data-att-out] a")?.addEventListener("click", () => {
    box.guarded = false;
  });

  // Search and "not marked yet" narrow the list here; without script the server does.
  const search = one<HTMLInputElement>("[data-att-search]");
  const blank = one<HTMLAnchorElement>("[data-att-blank]");
  let only: Set<string> | null = null;
  const narrow = (): Row[] => {
    const words = fold(search?.value ?? "").split(" ").filter(Boolean);
    const left: Row[] = [];
    for (const r of rows.values()) {
      if (words.length > 0 && r.text === "") r.text = fold(`${r.name} ${r.el.querySelector("small")?.textContent ?? ""}`);
      const fits = words.every((w) => r.text.includes(w)) && (only === null || only.has(r.id));
      r.el.hidden = !fits;
      if (fits) left.push(r);
    }
    const none = one("[data-att-nobody]");
    if (none) none.hidden = left.length > 0;
    return left;
  };
  if (whole) {
    search?.addEventListener("input", narrow);
    blank?.addEventListener("click", (e) => {
      e.preventDefault();
      // Those who have no mark now: a row that is tapped stays where it is until the list is asked for again.
      only = only ? null : new Set([...rows.values()].filter((r) => r.el.dataset.mark === "").map((r) => r.id));
      if (only) blank.setAttribute("aria-current", "true");
      else blank.removeAttribute("aria-current");
      narrow();
    });
    search?.form?.addEventListener("submit", (e) => {
      e.preventDefault();
      // Enter marks the one who is left, for those who type faster than they point.
      const left = narrow();
      const row = left[0];
      if (row && left.length === 1 && search.value.trim() !== "") {
        mark([row], "present", false, `${row.name}: ${say.wordPresent ?? ""}`);
        search.select();
      }
    });
  }

  form.dataset.live = "";
  for (const [id, m] of box.pending(session)) {
    const row = rows.get(id);
    if (row) show(row, m.mark);
    last = Math.max(last, m.at);
  }
  recount();
  box.start();
}
