// Checks the signed statement behind the "#" of a certificate's address, on this device alone: the page and the keys are kept when it is
// opened with network, so that it opens and checks without. The layout of statements is that of app/proof.
import * as ed from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";
import { inflateSync } from "fflate";

ed.hashes.sha512 = sha512;

interface Keys {
  keys: { x: string; kid: string }[];
  words: string;
}

interface Statement {
  serial: string;
  name: string;
  course: string;
  issuer: string;
  issued: string;
  minutes: number;
}

const store = "verify";
const keysPath = "/v/keys.json";

// The keys as the server gives them now, else as they were kept.
async function keys(): Promise<Keys | undefined> {
  try {
    const r = await fetch(keysPath);
    if (r.ok) return (await r.json()) as Keys;
  } catch {
    // without network
  }
  const kept = "caches" in self ? await caches.match(keysPath) : undefined;
  return kept ? ((await kept.json()) as Keys) : undefined;
}

// Keeps what is needed to check without network: the page that names no certificate, what it is made of, and the keys.
async function keep(): Promise<void> {
  if (!isSecureContext || !("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register("/sw.js");
  const page = await fetch("/v/");
  if (!page.ok) return;
  const parts = [...(await page.clone().text()).matchAll(/\/static\/[\w.-]+/g)].map((m) => m[0]);
  const cache = await caches.open(store);
  await cache.addAll([...new Set([keysPath, ...parts])]);
  await cache.put("/v/", page);
  for (const el of document.querySelectorAll<HTMLElement>("[data-proof-ready]")) el.hidden = false;
}

function bytesOf(digits: string): Uint8Array {
  let hex = BigInt(digits).toString(16);
  if (hex.length % 2) hex = "0" + hex;
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

function unbase64(s: string): Uint8Array {
  return Uint8Array.from(atob(s.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
}

// What the digits state, "forged", "key" where no key that is known here has signed it, or "nothing" where this browser is too old to tell:
// it is not to call a good one forged.
function read(digits: string, known: Keys): Statement | "forged" | "key" | "nothing" {
  if (!/^[1-9][0-9]{0,1999}$/.test(digits)) return "forged";
  const b = bytesOf(digits);
  const end = b.length - 64;
  if (end < 5 || b[0] !== 1) return "forged";
  const kid = [...b.subarray(1, 5)].map((x) => x.toString(16).padStart(2, "0")).join("");
  const key = known.keys.find((k) => k.kid === kid);
  if (!key) return "key";
  const domain = new TextEncoder().encode("taphuan proof v1\n");
  const message = new Uint8Array(domain.length + end);
  message.set(domain);
  message.set(b.subarray(0, end), domain.length);
  try {
    if (!ed.verify(b.subarray(end), message, unbase64(key.x))) return "forged";
    let at = 5;
    const varint = (): number => {
      let n = 0;
      for (let unit = 1; ; unit *= 128) {
        const x = b[at++] ?? 0;
        n += (x & 127) * unit;
        if (x < 128) return n;
      }
    };
    const issued = new Date(Date.UTC(2020, 0, 1) + varint() * 86_400_000).toISOString().slice(0, 10);
    const minutes = varint();
    const text = inflateSync(b.subarray(at, end), { dictionary: new TextEncoder().encode(known.words) });
    const [serial, name, course, issuer] = new TextDecoder("utf-8", { fatal: true }).decode(text).split("\n");
    if (!serial || !name || course === undefined || issuer === undefined) return "forged";
    return { serial, name, course, issuer, issued, minutes };
  } catch {
    return "nothing"; // a signature that is none is told without throwing, and what our key signed can be read
  }
}

function show(box: HTMLElement, state: string, s?: Statement): void {
  for (const el of document.querySelectorAll<HTMLElement>("[data-proof-say]")) el.hidden = !(el.dataset.proofSay ?? "").split(" ").includes(state);
  if (s) {
    const day = s.issued.split("-").reverse().join("/");
    const hours = (Math.round(s.minutes / 6) / 10).toLocaleString(document.documentElement.lang);
    for (const [k, v] of Object.entries({ ...s, issued: day, minutes: hours })) {
      for (const el of box.querySelectorAll<HTMLElement>(`[data-proof-field="${k}"]`)) el.textContent = v;
    }
  }
  box.hidden = false;
}

async function check(box: HTMLElement): Promise<void> {
  const digits = /^#[0-9]/.test(location.hash) ? location.hash.slice(1) : "";
  const serial = box.dataset.serial; // what the server says that the code is of; undefined on the page that names no certificate
  if (serial === undefined) for (const el of document.querySelectorAll<HTMLElement>("[data-code-form]")) el.hidden = /./.test(digits);
  if (!digits) {
    show(box, "");
    box.hidden = true;
    return;
  }
  const known = await keys();
  if (!known) return show(box, "nothing");
  const s = read(digits, known);
  if (typeof s === "string") return show(box, s);
  if (serial !== undefined && serial !== s.serial) return show(box, "other", s);
  show(box, serial === undefined ? "alone" : "same", s);
}

const box = document.querySelector<HTMLElement>("[data-proof]");
if (box) {
  void check(box);
  addEventListener("hashchange", () => void check(box));
}
keep().catch(() => undefined); // it is kept the next time
