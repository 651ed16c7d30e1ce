// The screen of a hall: every fifteen seconds another code, made here, so that it goes on without a network. The clock is measured
// against the server's when the page opens, whenever the server answers quickly, and whenever an answer contradicts what is known.
import { encode } from "uqr";
import { letters } from "./lib/letters";

const root = document.querySelector<HTMLElement>("[data-screen]");
if (root) void screen(root);

interface State {
  now: string;
  attended: number;
  total: number;
  turn: number;
  why: string;
}

const poll = 10000; // ms between questions to the server
const quick = 1500; // ms within which an answer measures the clock well enough
const jump = 2000; // ms by which a clock does not drift within a second: it was set

async function screen(root: HTMLElement): Promise<void> {
  const say = root.dataset;
  const one = <T extends HTMLElement = HTMLElement>(selector: string): T | null => root.querySelector<T>(selector);
  const text = (selector: string, words: string): void => {
    const el = one(selector);
    if (el && el.textContent !== words) el.textContent = words;
  };
  const number = new Intl.NumberFormat(document.documentElement.lang === "en" ? "en" : "vi");
  const step = Number(say.step);

  // Until the first measurement: what the page itself said when it came.
  const arrived = performance.getEntriesByType("navigation")[0] as PerformanceNavigationTiming | undefined;
  let offset = Number(say.now) - (performance.timeOrigin + (arrived?.responseStart ?? 0));
  let best = Infinity; // of the measurements of this minute, the round trip of the quickest
  let measured = false;
  const now = (): number => Date.now() + offset;
  const drift = (): void => {
    const seconds = Math.round(Math.abs(offset) / 1000);
    const words = seconds < 2 ? say.sayRight : offset < 0 ? say.sayAhead : say.sayBehind;
    if (measured) text("[data-drift]", (words ?? "").replace("#", number.format(seconds)));
  };

  const ask = async (): Promise<void> => {
    const from = Date.now();
    let r: Response;
    try {
      r = await fetch(say.state ?? "", { headers: { Accept: "application/json" }, redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(8000) });
    } catch {
      return text("[data-net]", say.sayOffline ?? "");
    }
    const to = Date.now();
    if (r.status === 401 || r.type === "opaqueredirect") return text("[data-net]", say.sayOut ?? "");
    if (!r.ok || !(r.headers.get("Content-Type") ?? "").startsWith("application/json")) return text("[data-net]", say.sayOffline ?? "");
    const x = (await r.json()) as State;
    const took = to - from;
    const said = Date.parse(x.now) - (from + to) / 2;
    if (took >= 0) { // else this clock was set back in between
      if (took <= Math.min(quick, best) || Math.abs(said - offset) > took / 2) {
        offset = said;
        best = took;
      }
      measured = true;
      drift();
    }
    text("[data-net]", "");
    text("[data-attended]", number.format(x.attended));
    text("[data-total]", number.format(x.total));
    text("[data-why-text]", x.why);
    const why = one("[data-why]");
    if (why) why.hidden = x.why === "";
    if (String(x.turn) !== say.turn) location.reload(); // the key was renewed
  };

  // WebCrypto needs a page that the browser trusts: without, the server makes the codes, and the page comes anew for each.
  if (!window.isSecureContext) {
    window.setTimeout(() => location.reload(), step - (now() % step) + 200);
    return;
  }
  const raw = Uint8Array.from((say.key ?? "").match(/../g) ?? [], (h) => parseInt(h, 16));
  const key = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  let shown = 0;
  const draw = async (n: number): Promise<void> => {
    const code = `${say.session}.${n}`;
    const sum = new Uint8Array(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(code)));
    const address = `${say.base}${code}.${letters(sum, 80)}`;
    one("[data-qr]")?.replaceChildren(picture(address));
    root.dataset.shown = address;
  };

  let was = { date: Date.now(), real: performance.now() };
  const tick = (): void => {
    const is = { date: Date.now(), real: performance.now() };
    if (Math.abs(is.date - was.date - (is.real - was.real)) > jump) {
      // The clock was set, or the machine slept: measured anew.
      best = Infinity;
      text("[data-drift]", say.sayUnsure ?? "");
      void ask();
    }
    was = is;
    const t = now();
    const n = Math.floor(t / step);
    if (n !== shown) {
      shown = n;
      void draw(n);
    }
    const bar = one("[data-bar]");
    if (bar) bar.style.width = `${100 - (100 * (t % step)) / step}%`;
    text("[data-clock]", new Date(t).toLocaleTimeString("vi", { timeZone: "Asia/Ho_Chi_Minh" }));
  };
  for (let i = 0; i < 3; i++) await ask();
  tick();
  window.setInterval(tick, 250);
  window.setInterval(() => void ask(), poll);
  window.setInterval(() => (best = Infinity), 6 * poll); // clocks drift: none of the measurements is for ever

  // The screen stays lit, and can be all of it.
  const lit = (): void => void navigator.wakeLock?.request("screen").catch(() => undefined);
  lit();
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") lit();
  });
  const full = one<HTMLButtonElement>("[data-full]");
  if (full && document.fullscreenEnabled) {
    full.hidden = false;
    full.addEventListener("click", () => void (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()));
  }
}

// A code as one path, with the quiet zone of four modules that readers want.
function picture(address: string): SVGSVGElement {
  const { data, size } = encode(address, { ecc: "M", border: 4 });
  let d = "";
  data.forEach((row, y) =>
    row.forEach((dark, x) => {
      if (dark) d += `M${x} ${y}h1v1h-1z`;
    }),
  );
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("shape-rendering", "crispEdges");
  svg.setAttribute("role", "img");
  const path = document.createElementNS(ns, "path");
  path.setAttribute("d", d);
  svg.append(path);
  return svg;
}
