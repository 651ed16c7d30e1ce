// The table of persons and sessions: a key marks at once, and marks go to the server through the same queue as those of the list.
import { v7 } from "uuid";
import type { Clock } from "./lib/clock";
import { fold } from "./lib/fold";
import type { Answer, Outbox, State } from "./lib/outbox";
import { refusals, stateOf } from "./lib/state";

const keys: Record<string, string> = { x: "present", "1": "present", m: "late", l: "late", "2": "late", p: "excused", e: "excused", "3": "excused", k: "absent", a: "absent", "4": "absent" };
const tenths = /^(\d(\.\d?)?|10(\.0?)?)$/;

const form = document.querySelector<HTMLFormElement>("form[data-grid]");
if (form && window.marks) start(form, window.marks.box, window.marks.clock);

function start(form: HTMLFormElement, box: Outbox, clock: Clock): void {
  const say = form.dataset;
  const letter = (mark: string): string => (mark === "" ? "" : (say[mark] ?? ""));
  const rows = [...form.querySelectorAll<HTMLTableRowElement>("tbody tr")];
  const names = rows.map((r) => fold(r.cells[0]?.textContent ?? ""));
  const find = form.querySelector<HTMLInputElement>("[data-grid-find]");
  const state = form.querySelector<HTMLElement>("[data-grid-state]");
  const refused = form.querySelector<HTMLElement>("[data-grid-refused]"); // of a pasted block
  const words = document.querySelector<HTMLElement>("meta[name=marks]")?.dataset ?? {};
  const opened = new Date(Number(say.now)).toISOString(); // what the page shows was so then
  let column = 1;
  const scores = new Map<HTMLInputElement, string>(); // those wait on this page only
  let scoring: State = "saved";
  let timer = 0;
  let sending = false;
  let failures = 0;

  const complain = (text: string): HTMLElement => {
    const li = document.createElement("li");
    li.textContent = text;
    if (refused) refused.hidden = false;
    refused?.append(li);
    return li;
  };
  const field = (row: number, col: number): HTMLInputElement | null => rows[row]?.cells[col]?.querySelector("input") ?? null;
  const place = (cell: HTMLElement): { row: number; col: number } => {
    const td = cell.closest("td");
    const tr = cell.closest("tr");
    return { row: tr ? rows.indexOf(tr) : -1, col: td?.cellIndex ?? 0 };
  };
  // To the next cell that way in which something can be typed.
  const move = (from: HTMLElement, down: number, right: number): void => {
    let { row, col } = place(from);
    for (;;) {
      row += down;
      col += right;
      if (row < 0 || row >= rows.length || col < 1 || col >= (rows[row]?.cells.length ?? 0)) return;
      const next = field(row, col);
      if (next) {
        next.focus();
        next.select();
        return;
      }
    }
  };

  const person = (cell: HTMLElement): string => cell.closest("tr")?.dataset.e ?? "";
  const named = (cell: HTMLElement): string => cell.closest("tr")?.cells[0]?.firstChild?.textContent ?? "";
  const cellOf = (session: string, of: string): HTMLInputElement | null => form.querySelector<HTMLInputElement>(`tr[data-e="${of}"] input[data-s="${session}"]`);
  const sessions = new Set([...form.querySelectorAll<HTMLInputElement>("input[data-s]")].map((x) => x.dataset.s ?? ""));
  const put = (cell: HTMLInputElement, mark: string, seen: string): void => {
    cell.dataset.m = mark;
    cell.dataset.seen = seen;
    if (cell.value !== letter(mark)) cell.value = letter(mark);
  };
  const set = (cell: HTMLInputElement, mark: string): void => {
    cell.value = letter(mark);
    cell.removeAttribute("aria-invalid");
    const was = cell.dataset.m ?? "";
    if (was === mark) return;
    const seen = cell.dataset.seen ?? opened;
    const at = clock.after(seen);
    put(cell, mark, new Date(clock.at(at)).toISOString());
    box.add([
      {
        ...{ uid: v7(), account: box.account, by: box.by, session: cell.dataset.s ?? "", title: say.title ?? "", person: person(cell), name: named(cell) },
        ...{ mark, note: "", all: false, source: "grid", at, offset: clock.offset, seen, was },
      },
    ]);
  };

  // What one act marked, so that it can be undone; of a place only while it still says so.
  const acts: { cell: HTMLInputElement; before: string; mark: string }[][] = [];
  const act = (list: [HTMLInputElement, string][]): void => {
    const changes = list.map(([cell, mark]) => ({ cell, mark, before: cell.dataset.m ?? "" })).filter((x) => x.before !== x.mark);
    if (changes.length > 0) acts.push(changes);
    for (const [cell, mark] of list) set(cell, mark);
  };
  const undo = (): void => {
    const last = acts.pop()?.filter((x) => (x.cell.dataset.m ?? "") === x.mark) ?? [];
    for (const x of last) set(x.cell, x.before);
    last[0]?.cell.focus();
  };
  // The mark of a place goes into the blanks below it.
  const fill = (cell: HTMLInputElement): void => {
    const { row, col } = place(cell);
    const below = rows.slice(row + 1).map((_, i) => field(row + 1 + i, col));
    if (cell.dataset.m) act(below.flatMap((x) => (x && !x.dataset.m ? [[x, cell.dataset.m ?? ""]] : [])));
  };

  form.addEventListener("focusin", (e) => {
    if (e.target instanceof HTMLInputElement && e.target.closest("td")) {
      column = place(e.target).col;
      e.target.select();
    }
  });
  form.addEventListener("keydown", (e) => {
    const cell = e.target;
    if (!(cell instanceof HTMLInputElement) || !cell.closest("td") || e.altKey) return;
    const score = cell.dataset.score !== undefined;
    if (e.ctrlKey || e.metaKey) {
      const does = score || e.shiftKey ? undefined : { d: fill, z: undo }[e.key.toLowerCase()];
      if (does) e.preventDefault();
      does?.(cell);
      return;
    }
    const inside = score && cell.selectionStart !== null && !(cell.selectionStart === 0 && cell.selectionEnd === cell.value.length);
    const steps: Record<string, [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], Enter: [e.shiftKey ? -1 : 1, 0], ...(inside ? {} : { ArrowLeft: [0, -1], ArrowRight: [0, 1] }) };
    const step = steps[e.key];
    if (step) {
      e.preventDefault();
      move(cell, ...step);
      return;
    }
    if (e.key === "/") {
      e.preventDefault();
      find?.focus();
      find?.select();
      return;
    }
    if (score || e.isComposing) return;
    const mark = keys[e.key.toLowerCase()];
    if (e.key === "Delete" || e.key === "Backspace") {
      e.preventDefault();
      act([[cell, ""]]);
    } else if (mark !== undefined) {
      e.preventDefault();
      act([[cell, mark]]);
      move(cell, 1, 0);
    } else if (/^\p{L}$/u.test(e.key) && find) {
      // Any other letter begins a name.
      e.preventDefault();
      find.value = e.key;
      find.focus();
      jump();
    }
  });
  // A block of cells, as Excel copies it, goes in from here to the right and down: all of it or nothing. Its blanks take nothing back.
  let unpasted: HTMLElement | undefined;
  form.addEventListener("paste", (e) => {
    const cell = e.target;
    const text = e.clipboardData?.getData("text/plain") ?? "";
    if (!(cell instanceof HTMLInputElement) || !cell.closest("td") || (cell.dataset.score !== undefined && !/[\t\n]/.test(text.trim()))) return;
    e.preventDefault();
    unpasted?.remove();
    const { row, col } = place(cell);
    const marks: [HTMLInputElement, string][] = [];
    const given: [HTMLInputElement, string][] = [];
    for (const [i, line] of text.replace(/\r?\n$/, "").split(/\r?\n/).entries())
      for (const [j, raw] of line.split("\t").entries()) {
        const word = raw.trim();
        const to = field(row + i, col + j);
        const mark = keys[word.toLowerCase()];
        if (word === "" || (!to && rows[row + i]?.cells[col + j]?.textContent === word)) continue; // nothing to say, or what stands there for good
        if (to?.dataset.score !== undefined && tenths.test(word.replace(",", "."))) given.push([to, word]);
        else if (to?.dataset.s !== undefined && mark !== undefined) marks.push([to, mark]);
        else {
          unpasted = complain((say.sayPaste ?? "").replace("#", `${to?.getAttribute("aria-label") ?? rows[row + i]?.cells[0]?.firstChild?.textContent ?? "–"}: ${word.slice(0, 40)}`));
          return;
        }
      }
    if (marks.length > 0) act(marks);
    for (const [to, word] of given) {
      to.value = word;
      to.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
  // What comes without a key, as from a phone's keyboard.
  form.addEventListener("input", (e) => {
    const cell = e.target;
    if (!(cell instanceof HTMLInputElement)) return;
    if (cell === find) jump();
    else if (cell.dataset.s !== undefined) {
      const text = fold(cell.value);
      const mark = text === "" ? "" : keys[text.slice(-1)];
      if (mark === undefined) cell.value = letter(cell.dataset.m ?? "");
      else act([[cell, mark]]);
    }
  });
  form.addEventListener("change", (e) => {
    const cell = e.target;
    if (!(cell instanceof HTMLInputElement) || cell.dataset.score === undefined) return;
    const text = cell.value.trim().replace(",", ".");
    const good = text === "" || tenths.test(text);
    cell.toggleAttribute("aria-invalid", !good);
    if (!good) return;
    scores.set(cell, text);
    schedule(250);
  });

  let hit = -1;
  function jump(): void {
    const words = fold(find?.value ?? "").split(" ").filter(Boolean);
    rows[hit]?.classList.remove("grid-hit");
    hit = words.length === 0 ? -1 : names.findIndex((n) => words.every((w) => n.split(" ").some((part) => part.startsWith(w))));
    if (hit < 0 && words.length > 0) hit = names.findIndex((n) => words.every((w) => n.includes(w)));
    rows[hit]?.classList.add("grid-hit");
    rows[hit]?.scrollIntoView({ block: "center" });
  }
  find?.addEventListener("keydown", (e) => {
    if (e.key !== "Enter" && e.key !== "ArrowDown") return;
    e.preventDefault();
    const cell = hit < 0 ? null : (field(hit, column) ?? rows[hit]?.querySelector<HTMLInputElement>("td input"));
    if (!cell) return;
    rows[hit]?.classList.remove("grid-hit");
    cell.focus();
    cell.select();
  });

  // What waits of earlier, of this page or of one that was closed.
  const waits = (): void => {
    for (const session of sessions)
      for (const [of, m] of box.pending(session)) {
        const cell = cellOf(session, of);
        if (cell && cell.dataset.m !== m.mark) put(cell, m.mark, new Date(m.at + (m.offset ?? 0)).toISOString());
      }
  };
  const takenBack = new Set<string>();
  const show = (): void => {
    const n = box.unsettled() + scores.size;
    if (state && (box.opened || n > 0)) {
      state.textContent = stateOf(scores.size > 0 && (box.state === "saved" || scoring !== "sending") ? scoring : box.state, n, words);
      state.dataset.waiting = String(n);
    }
    refusals(form, box, (mark) => form.getAttribute(`data-word-${mark || "none"}`) ?? "");
    for (const m of box.marks) {
      const cell = m.refused === undefined && !m.held ? null : cellOf(m.session, m.person);
      if (!cell || takenBack.has(m.uid)) continue;
      takenBack.add(m.uid);
      cell.setAttribute("aria-invalid", "true");
      if (!box.pending(m.session).has(m.person)) put(cell, m.was, cell.dataset.seen ?? opened);
    }
  };
  const settle = (session: string, answer: Answer): void => {
    const busy = box.pending(session);
    for (const m of answer.marks) {
      const cell = cellOf(session, String(m.enrolment_id));
      if (!cell || busy.has(String(m.enrolment_id))) continue;
      put(cell, m.mark, m.marked_at ?? cell.dataset.seen ?? opened);
      cell.closest("td")?.classList.toggle("disputed", m.disputed);
    }
  };
  box.listeners.push({ changed: () => (waits(), show()), answered: settle });
  form.querySelector("[data-att-again]")?.addEventListener("click", () => box.again());
  form.querySelector("[data-att-drop]")?.addEventListener("click", () => box.drop());

  function schedule(ms: number): void {
    if (scoring === "saved") scoring = "sending";
    show();
    if (sending) return;
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void send(), ms);
  }
  async function send(): Promise<void> {
    const given = [...scores];
    if (given.length === 0) return;
    sending = true;
    scoring = await post(given).catch(() => "lost" as const);
    sending = false;
    failures = scoring === "saved" ? 0 : failures + 1;
    if (scoring === "saved") for (const [cell, text] of given) if (scores.get(cell) === text) scores.delete(cell);
    if (scores.size > 0) schedule(Math.min(15000, failures * 1000));
    else show();
  }

  async function post(given: [HTMLInputElement, string][]): Promise<State> {
    const list = given.map(([cell, text]) => ({ enrolment_id: Number(person(cell)), score: text === "" ? null : Number(text) }));
    const r = await fetch(say.scores ?? "", {
      ...{ method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" }, body: JSON.stringify({ scores: list }) },
      ...{ redirect: "manual", signal: AbortSignal.timeout(20000) },
    });
    if (r.status === 401) return "out";
    return r.ok && (r.headers.get("Content-Type") ?? "").startsWith("application/json") ? "saved" : "lost";
  }

  window.addEventListener("online", () => schedule(0));
  window.addEventListener("beforeunload", (e) => {
    if (scores.size > 0) e.preventDefault();
  });
  form.addEventListener("submit", (e) => e.preventDefault());

  form.dataset.live = "";
  const bar = form.querySelector<HTMLElement>("[data-grid-bar]");
  if (bar) bar.hidden = false;
  waits();
  show();
}
