// The table of persons and sessions: a key marks at once, and marks go to the server in the background.
import { v7 } from "uuid";
import { fold } from "./lib/fold";

const form = document.querySelector<HTMLFormElement>("form[data-grid]");
if (form) grid(form);

interface Change {
  uid: string;
  cell: HTMLInputElement;
  mark: string; // "" takes it back
  at: number; // by this device's clock
}

interface Reply {
  now: string;
  marks: { uid: string; status: string; message: string }[];
  sessions: { session_id: number; marks: { enrolment_id: number; mark: string; marked_at: string | null; disputed: boolean }[] }[];
}

const most = 200; // marks a request
const keys: Record<string, string> = { x: "present", "1": "present", m: "late", l: "late", "2": "late", p: "excused", e: "excused", "3": "excused", k: "absent", a: "absent", "4": "absent" };
const tenths = /^(\d(\.\d?)?|10(\.0?)?)$/;

function grid(form: HTMLFormElement): void {
  const say = form.dataset;
  const letter = (mark: string): string => (mark === "" ? "" : (say[mark] ?? ""));
  const rows = [...form.querySelectorAll<HTMLTableRowElement>("tbody tr")];
  const names = rows.map((r) => fold(r.cells[0]?.textContent ?? ""));
  const find = form.querySelector<HTMLInputElement>("[data-grid-find]");
  const state = form.querySelector<HTMLElement>("[data-grid-state]");
  const refused = form.querySelector<HTMLElement>("[data-grid-refused]");
  const arrived = performance.getEntriesByType("navigation")[0] as PerformanceNavigationTiming | undefined;
  const opened = Number(say.now);
  let offset = opened - (Date.now() - performance.now() + (arrived?.responseStart ?? 0));
  let last = 0;
  let column = 1;
  let waiting: Change[] = [];
  const scores = new Map<HTMLInputElement, string>();
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

  const set = (cell: HTMLInputElement, mark: string): void => {
    cell.value = letter(mark);
    cell.removeAttribute("aria-invalid");
    if (cell.dataset.m === mark) return;
    cell.dataset.m = mark;
    last = Math.max(last + 1, Date.now()); // never back, so that the later of two keys is the later mark
    waiting.push({ uid: v7(), cell, mark, at: last });
    schedule(250);
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

  function show(text: string | undefined): void {
    if (!state) return;
    const n = waiting.length + scores.size;
    state.textContent = (text ?? "").replace("#", String(n));
    state.dataset.waiting = String(n);
  }
  function schedule(ms: number): void {
    show(failures > 0 ? say.sayLost : say.saySending);
    if (sending) return;
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void send(), ms);
  }
  const person = (cell: HTMLElement): string => cell.closest("tr")?.dataset.e ?? "";
  const body = (part: Change[]): string =>
    JSON.stringify({
      marks: part.map((x) => ({
        uid: x.uid,
        session_id: Number(x.cell.dataset.s),
        enrolment_id: Number(person(x.cell)),
        mark: x.mark,
        source: "grid",
        marked_at: new Date(x.at).toISOString(),
        offset_ms: Math.round(offset),
        seen_at: x.cell.dataset.seen ?? new Date(opened).toISOString(),
      })),
    });
  const post = (to: string, text: string, more?: RequestInit): Promise<Response> =>
    fetch(to, { method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" }, body: text, redirect: "manual", ...more });

  async function send(): Promise<void> {
    sending = true;
    let well = true;
    let out = false;
    const json = (r: Response): boolean => r.ok && (r.headers.get("Content-Type") ?? "").startsWith("application/json");
    try {
      const part = waiting.slice(0, most);
      if (part.length > 0) {
        const from = Date.now();
        const r = await post("/marks", body(part), { signal: AbortSignal.timeout(20000) });
        out = r.type === "opaqueredirect" || r.status === 401;
        well = json(r);
        if (well) settle((await r.json()) as Reply, part, from);
      }
      const given = [...scores];
      if (well && given.length > 0) {
        const list = given.map(([cell, text]) => ({ enrolment_id: Number(person(cell)), score: text === "" ? null : Number(text) }));
        const r = await post(say.scores ?? "", JSON.stringify({ scores: list }), { signal: AbortSignal.timeout(20000) });
        out = r.type === "opaqueredirect" || r.status === 401;
        well = json(r);
        if (well) for (const [cell, text] of given) if (scores.get(cell) === text) scores.delete(cell);
      }
    } catch {
      well = false;
    }
    sending = false;
    failures = well ? 0 : failures + 1;
    if (waiting.length + scores.size > 0) schedule(well ? 0 : Math.min(15000, 1000 * 2 ** Math.min(failures - 1, 4)));
    show(well ? (waiting.length + scores.size > 0 ? say.saySending : say.saySaved) : out ? say.sayOut : say.sayLost);
  }

  function settle(reply: Reply, part: Change[], from: number): void {
    const now = Date.now();
    if (now - from < 2000) offset = Date.parse(reply.now) - (from + now) / 2;
    const gone = new Set(part);
    waiting = waiting.filter((x) => !gone.has(x));
    const fates = new Map(reply.marks.map((f) => [f.uid, f]));
    for (const x of part) {
      const f = fates.get(x.uid);
      if (f?.status !== "refused" && f?.status !== "held") continue;
      x.cell.setAttribute("aria-invalid", "true");
      complain(`${x.cell.getAttribute("aria-label") ?? ""}: ${f.message}`);
    }
    const busy = new Set(waiting.map((x) => x.cell));
    for (const s of reply.sessions)
      for (const m of s.marks) {
        const cell = form.querySelector<HTMLInputElement>(`tr[data-e="${m.enrolment_id}"] input[data-s="${s.session_id}"]`);
        if (!cell || busy.has(cell)) continue;
        cell.dataset.m = m.mark;
        cell.value = letter(m.mark);
        if (m.marked_at) cell.dataset.seen = m.marked_at;
        cell.closest("td")?.classList.toggle("disputed", m.disputed);
      }
  }

  window.addEventListener("online", () => schedule(0));
  window.addEventListener("beforeunload", (e) => {
    if (waiting.length + scores.size > 0) e.preventDefault();
  });
  window.addEventListener("pagehide", () => {
    if (waiting.length > 0) void post("/marks", body(waiting.slice(0, most)), { keepalive: true }).catch(() => undefined);
  });
  form.addEventListener("submit", (e) => e.preventDefault());

  form.dataset.live = "";
  const bar = form.querySelector<HTMLElement>("[data-grid-bar]");
  if (bar) bar.hidden = false;
}
