// The scanner: badges one after the other, with a network or without. Marks go through the same queue as those of the list. The page
// knows a badge by eight bytes of its hash, and so a phone that is lost gives away names and no badge.
import { v7 } from "uuid";
import type { Clock } from "./lib/clock";
import { sheet } from "./lib/db";
import type { Outbox } from "./lib/outbox";

interface Reader {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}

interface Native {
  new (options: { formats: string[] }): Reader;
  getSupportedFormats(): Promise<string[]>;
}

const pause = 100; // ms between pictures: a person every two seconds leaves twenty
const again = 3000; // ms in which the same badge is the same showing of it

export function start(root: HTMLElement, box: Outbox, clock: Clock): void {
  const say = root.dataset;
  const one = <T extends HTMLElement = HTMLElement>(selector: string): T | null => root.querySelector<T>(selector);
  const rows = new Map<string, HTMLElement>();
  const cuts = new Map<string, HTMLElement>();
  for (const el of root.querySelectorAll<HTMLElement>("[data-scan-row]")) {
    rows.set(el.dataset.scanRow ?? "", el);
    cuts.set(el.dataset.cut ?? "", el);
  }
  const number = new Intl.NumberFormat(document.documentElement.lang === "en" ? "en" : "vi");
  const count = (): void => {
    const n = one("[data-scan-count]");
    if (n) n.textContent = number.format([...rows.values()].filter((r) => /^(present|late)$/.test(r.dataset.mark ?? "")).length);
  };

  const show = (kind: "good" | "warn", name: string, words: string): void => {
    const card = one("[data-scan-card]");
    const title = one("[data-scan-name]");
    const text = one("[data-scan-words]");
    if (!card || !title || !text) return;
    card.dataset.kind = kind;
    title.textContent = name;
    text.textContent = words;
    if (navigator.userActivation?.hasBeenActive !== false) navigator.vibrate?.(kind === "good" ? 90 : [60, 60, 60]);
  };

  // Marks a person present, and says what became of it.
  const come = (row: HTMLElement, source: string): void => {
    const name = row.dataset.name ?? "";
    const was = row.dataset.mark ?? "";
    if (/^(present|late)$/.test(was)) return show("warn", name, say.sayAlready ?? "");
    const seen = row.dataset.at ?? "";
    const mark = { uid: v7(), account: box.account, by: box.by, session: say.session ?? "", title: say.title ?? "", person: row.dataset.scanRow ?? "", name, mark: "present", note: "",
      all: false, source, at: clock.after(seen), offset: clock.offset, seen, was };
    box.add([mark]);
    row.dataset.mark = "present";
    row.dataset.at = new Date(clock.at(mark.at)).toISOString();
    count();
    show(was === "" && source === "badge" ? "good" : "warn", name, source === "badge" ? (was === "" ? (say.sayCame ?? "") : (say.sayChanged ?? "")) : (say.sayTyped ?? ""));
  };

  const seen = new Map<string, number>();
  const read = async (text: string): Promise<void> => {
    const now = Date.now();
    const known = now - (seen.get(text) ?? 0) < again;
    seen.set(text, now);
    if (known) return;
    const token = /\/b\/(\d{1,19}\.[0-9A-HJKMNP-TV-Z]{16})$/.exec(text)?.[1];
    if (!token) return show("warn", say.sayUnknown ?? "", say.sayNoBadge ?? "");
    const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token)));
    const row = cuts.get([...sum.slice(0, 8)].map((b) => b.toString(16).padStart(2, "0")).join(""));
    if (row) come(row, "badge");
    else show("warn", say.sayUnknown ?? "", say.sayOther ?? "");
  };

  // A QR code that cannot be read: the number in front of the personal code finds the person, and the trainer looks at who it is.
  one<HTMLFormElement>("[data-scan-typed]")?.addEventListener("submit", (e) => {
    e.preventDefault();
    const field = one<HTMLInputElement>("[data-scan-typed] input");
    const typed = (field?.value ?? "").replace(/[\s–]/g, "").toUpperCase();
    const row = rows.get(String(Number(/^(\d+)-/.exec(typed)?.[1] ?? /^(\d+)[0-9A-Z]{6}$/.exec(typed)?.[1] ?? typed)));
    if (field) field.value = "";
    if (row) come(row, "list");
    else show("warn", say.sayUnknown ?? "", say.sayOther ?? "");
  });

  // Who came already, as this device knows it beside the page: what waits, and where the page was kept what was learnt since.
  const known = (person: string, mark: string, at: string): void => {
    const row = rows.get(person);
    if (!row || at < (row.dataset.at ?? "")) return;
    row.dataset.mark = mark;
    row.dataset.at = at;
  };
  const recallAll = async (): Promise<void> => {
    const last = document.documentElement.dataset.saved === undefined ? undefined : await sheet(box.account, say.session ?? "").catch(() => undefined);
    for (const [id, k] of Object.entries(last?.marks ?? {})) known(id, k.mark, k.at);
    for (const [id, m] of box.pending(say.session ?? "")) known(id, m.mark, new Date(m.at + (m.offset ?? 0)).toISOString());
    count();
  };
  box.listeners.push({
    answered: (session, answer) => {
      if (session !== say.session) return;
      for (const m of answer.marks) {
        const row = rows.get(String(m.enrolment_id));
        if (!row || box.pending(session).has(String(m.enrolment_id))) continue;
        row.dataset.mark = m.mark;
        if (m.marked_at) row.dataset.at = m.marked_at;
      }
      count();
    },
  });
  void recallAll().then(() => watch(root, read)).catch(() => show("warn", say.sayNoCamera ?? "", say.sayNoCameraText ?? ""));
}

async function watch(root: HTMLElement, read: (text: string) => Promise<void>): Promise<void> {
  const video = root.querySelector("video");
  if (!video) return;
  const [eye, stream] = await Promise.all([reader(root.dataset.reader ?? ""), navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } })]);
  video.srcObject = stream;
  await video.play();
  root.dataset.scanning = "";
  torch(root, stream.getVideoTracks()[0]);
  for (;;) {
    if (!document.hidden && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) {
      const found = await eye.detect(video).catch(() => []);
      for (const f of found) await read(f.rawValue);
    }
    await new Promise((done) => setTimeout(done, pause));
  }
}

async function reader(address: string): Promise<Reader> {
  const native = (window as { BarcodeDetector?: Native }).BarcodeDetector;
  if (native && (await native.getSupportedFormats().catch(() => [] as string[])).includes("qr_code")) return new native({ formats: ["qr_code"] });
  const own = (await import(/* chosen by the page */ address)) as typeof import("./barcode");
  return own.detector() as Reader;
}

// The lamp of the phone, where it has one that pages may use.
function torch(root: HTMLElement, track: MediaStreamTrack | undefined): void {
  const button = root.querySelector<HTMLButtonElement>("[data-scan-torch]");
  const can = track?.getCapabilities?.() as { torch?: boolean } | undefined;
  if (!button || !track || !can?.torch) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    void track.applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] }).then(() => button.setAttribute("aria-pressed", String(on)), () => undefined);
  });
}
