// Templates of certificates. Sheets are drawn from the server's own PDF. In the editor the form stays the document: boxes over the sheet
// write into its controls, its buttons send it and take it back changed, undo sends what it was before. Without script the form does
// all that by itself.
import { drawPDF } from "./lib/pdf";

const waiting = new IntersectionObserver((seen) => {
  for (const x of seen) {
    if (!x.isIntersecting) continue;
    waiting.unobserve(x.target);
    void show(x.target as HTMLCanvasElement);
  }
});
for (const canvas of document.querySelectorAll<HTMLCanvasElement>("canvas[data-pdf]")) waiting.observe(canvas);

async function show(canvas: HTMLCanvasElement): Promise<void> {
  const res = await fetch(canvas.dataset.pdf ?? "");
  if (!res.ok) return;
  const room = canvas.closest<HTMLElement>(".sheet-frame")?.clientWidth ?? 300;
  await drawPDF(canvas, new Uint8Array(await res.arrayBuffer()), canvas.dataset.worker ?? "", room);
  canvas.dataset.drawn = "";
}

const form = document.querySelector<HTMLFormElement>("form[data-designer]");
if (form) edit(form);

interface Live {
  pdf?: string;
  problems: { at: string; text: string }[];
}

function edit(form: HTMLFormElement): void {
  const sheet = form.querySelector<HTMLElement>("[data-sheet]")!;
  const canvas = sheet.querySelector("canvas")!;
  const boxes = sheet.querySelector<HTMLElement>("[data-boxes]")!;
  const undo = form.querySelector<HTMLButtonElement>("[data-undo]")!;
  const words = form.dataset;
  let chosen = form.querySelector<HTMLElement>("[data-element][open]")?.dataset.element ?? "";
  let now = body();
  const saved = now;
  const before: string[] = [];
  let turn = 0;
  let timer = 0;
  let leaving = false;
  let typing: HTMLInputElement | null = null;

  sheet.hidden = false;
  undo.hidden = false;
  for (const x of form.querySelectorAll<HTMLElement>("[data-scripted]")) x.hidden = false;

  const document_ = (): HTMLElement => form.querySelector<HTMLElement>("[data-document]")!;
  const elements = (): HTMLDetailsElement[] => [...form.querySelectorAll<HTMLDetailsElement>("[data-element]")];
  const control = (at: string, name: string): HTMLInputElement | null => form.elements.namedItem(`${at}.${name}`) as HTMLInputElement | null;
  const value = (at: string, name: string): number => parseFloat((control(at, name)?.value ?? "").replace(",", ".")) || 0;
  const set = (at: string, name: string, x: number): void => {
    const c = control(at, name);
    if (c) c.value = String(Math.round(Math.max(0, x) * 10) / 10);
  };
  const page = (): { w: number; h: number } => (form.querySelector<HTMLInputElement>('[name="page"]:checked')?.value === "portrait" ? { w: 210, h: 297 } : { w: 297, h: 210 });

  // What the form says, without what only this page is about.
  function body(): string {
    const all = new URLSearchParams();
    for (const [k, v] of new FormData(form)) if (typeof v === "string" && k !== "request_key") all.append(k, v);
    return all.toString();
  }

  function changed(): void {
    const next = body();
    if (next !== now) {
      before.push(now);
      if (before.length > 100) before.shift();
      now = next;
      undo.disabled = false;
    }
    lay();
    sheet.dataset.stale = "";
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void live(), 250);
  }

  async function live(): Promise<void> {
    const mine = ++turn;
    sheet.dataset.stale = "";
    try {
      const res = await fetch(words.live ?? "", { method: "POST", body: new URLSearchParams(body()) });
      if (!res.ok) throw new Error(String(res.status));
      const got = (await res.json()) as Live;
      if (mine !== turn) return;
      say(got.problems);
      if (!got.pdf) return;
      const bytes = Uint8Array.from(atob(got.pdf), (c) => c.charCodeAt(0));
      await drawPDF(canvas, bytes, words.worker ?? "", sheet.clientWidth);
      if (mine === turn) delete sheet.dataset.stale;
      canvas.dataset.drawn = String(mine);
    } catch (e) {
      if (mine === turn) say([{ at: "", text: words.failed ?? String(e) }]);
    }
  }

  // Each refusal stands at its element; one that has no place there, at the sheet.
  function say(problems: Live["problems"]): void {
    for (const p of form.querySelectorAll<HTMLElement>("[data-problem]")) {
      const mine = problems.filter((x) => x.at === p.dataset.problem);
      p.hidden = mine.length === 0;
      p.querySelector("[data-problem-text]")!.textContent = mine.map((x) => x.text).join(" ");
    }
    for (const d of elements()) {
      const at = d.dataset.element ?? "";
      const wrong = problems.some((x) => x.at === at || x.at.startsWith(`${at}.`));
      d.toggleAttribute("data-wrong", wrong);
      boxes.querySelector(`[data-at="${at}"]`)?.toggleAttribute("data-wrong", wrong);
    }
  }

  // Lays a box over each element of the sheet.
  function lay(): void {
    const { w, h } = page();
    if (canvas.dataset.drawn === undefined) {
      canvas.width = w * 4;
      canvas.height = h * 4;
    }
    const there = new Map([...boxes.querySelectorAll<HTMLElement>("[data-at]")].map((b) => [b.dataset.at ?? "", b]));
    for (const d of elements()) {
      const at = d.dataset.element ?? "";
      const text = d.querySelector("[data-excerpt]");
      const typed = [...d.querySelectorAll<HTMLInputElement>('input[name$=".text"]')].map((x) => x.value).join(" · ");
      if (text) text.textContent = typed;
      if (d.dataset.kind === "frame") continue;
      const box = there.get(at) ?? make(at);
      there.delete(at);
      box.setAttribute("aria-label", `${d.querySelector("summary b")?.textContent ?? ""} ${typed}`.trim());
      box.setAttribute("aria-pressed", String(at === chosen));
      box.style.left = `${(value(at, "x") / w) * 100}%`;
      box.style.top = `${(value(at, "y") / h) * 100}%`;
      box.style.width = `${(value(at, "w") / w) * 100}%`;
      box.style.height = `${(value(at, "h") / h) * 100}%`;
    }
    for (const gone of there.values()) gone.remove();
  }

  function make(at: string): HTMLElement {
    const box = document.createElement("div");
    box.className = "sheet-box";
    box.dataset.at = at;
    box.tabIndex = 0;
    box.setAttribute("role", "button");
    const grip = document.createElement("span");
    grip.className = "sheet-grip";
    box.append(grip);
    boxes.append(box);
    return box;
  }

  function choose(at: string, reveal: boolean): void {
    chosen = at;
    for (const d of elements()) d.open = d.dataset.element === at;
    lay();
    const d = elements().find((x) => x.dataset.element === at);
    if (reveal && window.matchMedia("(min-width: 70rem)").matches) d?.scrollIntoView({ block: "nearest" });
  }

  boxes.addEventListener("pointerdown", (e) => {
    const box = (e.target as HTMLElement).closest<HTMLElement>("[data-at]");
    if (!box || e.button !== 0) return;
    const at = box.dataset.at ?? "";
    const sizing = (e.target as HTMLElement).classList.contains("sheet-grip");
    const from = { x: value(at, "x"), y: value(at, "y"), w: value(at, "w"), h: value(at, "h") };
    const scale = page().w / sheet.clientWidth;
    let moved = false;
    choose(at, false);
    box.setPointerCapture(e.pointerId);
    const move = (m: PointerEvent): void => {
      const dx = Math.round((m.clientX - e.clientX) * scale * 2) / 2;
      const dy = Math.round((m.clientY - e.clientY) * scale * 2) / 2;
      if (!moved && Math.abs(m.clientX - e.clientX) + Math.abs(m.clientY - e.clientY) < 4) return;
      moved = true;
      shift(at, from, dx, dy, sizing);
      lay();
    };
    const up = (end: PointerEvent): void => {
      box.removeEventListener("pointermove", move);
      box.removeEventListener("pointerup", up);
      box.removeEventListener("pointercancel", up);
      if (end.type === "pointercancel") {
        if (moved) for (const [name, x] of Object.entries(from)) set(at, name, x); // the finger scrolled the page after all
        lay();
      } else if (moved) changed();
      else choose(at, true);
    };
    box.addEventListener("pointermove", move);
    box.addEventListener("pointerup", up);
    box.addEventListener("pointercancel", up);
  });

  // Moves or sizes an element by millimetres and keeps it on the page.
  function shift(at: string, from: { x: number; y: number; w: number; h: number }, dx: number, dy: number, sizing: boolean): void {
    const { w, h } = page();
    if (sizing) {
      set(at, "w", Math.min(Math.max(1, from.w + dx), w - from.x));
      set(at, "h", Math.min(Math.max(0, from.h + dy), h - from.y));
    } else {
      set(at, "x", Math.min(from.x + dx, w - from.w));
      set(at, "y", Math.min(from.y + dy, h - from.h));
    }
  }

  boxes.addEventListener("keydown", (e) => {
    const at = (e.target as HTMLElement).dataset.at;
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key];
    if (!at) return;
    if (step) {
      e.preventDefault();
      const by = e.shiftKey ? 5 : 0.5;
      if (at !== chosen) choose(at, false);
      shift(at, { x: value(at, "x"), y: value(at, "y"), w: value(at, "w"), h: value(at, "h") }, step[0]! * by, step[1]! * by, e.altKey);
      changed();
    } else if (e.key.toLowerCase() === "z" && (e.ctrlKey || e.metaKey)) {
      e.preventDefault();
      undo.click();
    } else if (e.key === "Enter" || e.key === " ") {
      e.preventDefault();
      choose(at, true);
    }
  });

  // A click on a summary chooses the element; the details element opens by itself.
  form.addEventListener("click", (e) => {
    const target = e.target as HTMLElement;
    const at = target.closest("summary")?.parentElement?.dataset.element;
    if (at) {
      e.preventDefault();
      choose(at === chosen ? "" : at, false);
      return;
    }
    const insert = target.closest<HTMLElement>("[data-insert]")?.dataset.insert;
    if (insert && typing?.isConnected) {
      typing.setRangeText(insert, typing.selectionStart ?? typing.value.length, typing.selectionEnd ?? typing.value.length, "end");
      typing.focus();
      changed();
    }
  });
  form.addEventListener("focusin", (e) => {
    if (e.target instanceof HTMLInputElement && e.target.name.endsWith(".text")) typing = e.target;
  });
  form.addEventListener("input", changed);
  form.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && e.target instanceof HTMLInputElement) e.preventDefault(); // saving is a button
  });

  // Takes the form as the server gives it back.
  async function take(content: string): Promise<void> {
    const res = await fetch(words.draft ?? "", { method: "POST", body: new URLSearchParams(content) });
    if (!res.ok) throw new Error(String(res.status));
    const page = new DOMParser().parseFromString(await res.text(), "text/html");
    const fresh = page.querySelector("[data-document]");
    if (!fresh) throw new Error("no form");
    document_().replaceWith(document.adoptNode(fresh));
    chosen = form.querySelector<HTMLElement>("[data-element][open]")?.dataset.element ?? "";
    boxes.replaceChildren();
  }

  form.addEventListener("submit", (e) => {
    const by = e.submitter;
    if (!(by instanceof HTMLButtonElement) || by.name !== "act") {
      leaving = true;
      return;
    }
    if (by.value === "preview") return;
    e.preventDefault();
    const content = new URLSearchParams(body());
    content.set("act", by.value);
    take(content.toString()).then(
      () => {
        changed();
        const box = [...boxes.querySelectorAll<HTMLElement>("[data-at]")].find((b) => b.dataset.at === chosen);
        (box ?? form.querySelector<HTMLElement>("[data-element][open] summary"))?.focus({ preventScroll: true });
      },
      () => say([{ at: "", text: words.failed ?? "" }]),
    );
  });
  undo.addEventListener("click", () => {
    const was = before.pop();
    if (was === undefined) return;
    undo.disabled = true; // until the form is back
    const at = chosen;
    const held = boxes.contains(document.activeElement);
    take(was).then(
      () => {
        undo.disabled = before.length === 0;
        now = body();
        choose(elements().some((d) => d.dataset.element === at) ? at : "", false);
        if (held) boxes.querySelector<HTMLElement>(`[data-at="${at}"]`)?.focus({ preventScroll: true });
        void live();
      },
      () => {
        before.push(was);
        undo.disabled = false;
        say([{ at: "", text: words.failed ?? "" }]);
      },
    );
  });
  window.addEventListener("beforeunload", (e) => {
    if (!leaving && body() !== saved) e.preventDefault();
  });
  window.addEventListener("pageshow", () => (leaving = false));

  lay();
  void live();
}
