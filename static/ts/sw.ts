// The service worker: it opens the lists that were opened before also where there is no connection. It keeps what the app is made
// of, and of the pages those that the server marks as such; it never touches what waits to be sent.
import { wipeSheets } from "./lib/db";
import { keep, kept, pages, wipe } from "./lib/keep";

const sw = self as unknown as ServiceWorkerGlobalScope & { assets: string[]; reader: string[]; BarcodeDetector?: { getSupportedFormats(): Promise<string[]> } }; // the lists are written before this by the server
const shell = "shell";
const offline = "/offline";
const patience = 3000; // ms until a page that is kept is shown in place of one that does not come

sw.addEventListener("install", (e) => {
  e.waitUntil((async () => {
    const cache = await caches.open(shell);
    await cache.addAll([...sw.assets, new Request(offline, { cache: "reload" })]);
    // What reads badges is heavy, and only here where the browser does not read them itself.
    const own = await sw.BarcodeDetector?.getSupportedFormats().catch(() => [] as string[]);
    if (!own?.includes("qr_code")) await cache.addAll(sw.reader).catch(() => undefined);
    // Names of files carry a hash of what is in them, and what waits is kept elsewhere: nobody has to close a page first.
    await sw.skipWaiting();
  })());
});

sw.addEventListener("activate", (e) => {
  e.waitUntil((async () => {
    await sw.clients.claim();
    // What the pages that are kept still use stays.
    const used = new Set([offline, ...sw.assets, ...sw.reader]);
    for (const html of (await pages()).values()) for (const m of html.matchAll(/\/static\/[\w.-]+/g)) used.add(m[0]);
    const cache = await caches.open(shell);
    for (const r of await cache.keys()) if (!used.has(new URL(r.url).pathname)) await cache.delete(r);
  })());
});

sw.addEventListener("fetch", (e) => {
  const url = new URL(e.request.url);
  if (url.origin !== location.origin) return;
  if (e.request.method === "POST" && url.pathname === "/sign-out") e.respondWith(signOut(e.request));
  else if (e.request.method !== "GET") return;
  else if (url.pathname.startsWith("/static/")) e.respondWith(asset(e.request));
  else if (e.request.mode === "navigate") e.respondWith(page(e));
});

async function asset(r: Request): Promise<Response> {
  const cache = await caches.open(shell);
  const have = await cache.match(r);
  if (have) return have;
  try {
    const got = await fetch(r);
    if (got.ok) await cache.put(r, got.clone());
    return got;
  } catch (err) {
    const other = await caches.match(r); // of the page that checks certificates
    if (other) return other;
    throw err;
  }
}

// The server's page where there is one in time, else the one that is kept, else the page that says what there is.
async function page(e: FetchEvent): Promise<Response> {
  const net = fetch(e.request).then((r) => {
    if (r.type === "basic") e.waitUntil(keep(e.request.url, r.clone()).catch(() => ""));
    return r;
  });
  net.catch(() => undefined);
  const have = await kept(e.request.url);
  try {
    if (!have) return await net;
    const late = new Promise<Response>((done) => setTimeout(() => done(have), patience));
    const r = await Promise.race([net, late]);
    return r.status >= 502 && r.status <= 504 ? have : r;
  } catch {
    return have ?? (await checks(e.request.url)) ?? (await caches.match(offline)) ?? Response.error();
  }
}

// The page that checks a certificate's QR code, which is kept by whoever opened it once: it reads what stands behind the address's "#".
async function checks(url: string): Promise<Response | undefined> {
  return new URL(url).pathname.startsWith("/v/") ? caches.match("/v/") : undefined;
}

async function signOut(r: Request): Promise<Response> {
  await Promise.all([wipe(), wipeSheets()]);
  try {
    return await fetch(r);
  } catch {
    return Response.redirect(`${offline}#out`, 303);
  }
}
