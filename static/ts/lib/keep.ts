// Pages that are kept for when there is no connection. The server says which: <html data-keep="ACCOUNT">. They are kept by account, without
// what belongs to one showing only, and those of one account at a time.
const prefix = "pages-";

// Whether this browser can keep pages here at all.
export function lastsHere(): boolean {
  return isSecureContext && "serviceWorker" in navigator && "caches" in self;
}

function key(url: string): string {
  const u = new URL(url, location.href);
  return u.origin + u.pathname;
}

// Keeps a page if the server says so, and forgets those of other accounts. It gives the account, "" where it is not kept.
export async function keep(url: string, r: Response): Promise<string> {
  if (!r.ok || r.redirected || !(r.headers.get("Content-Type") ?? "").startsWith("text/html")) return "";
  const html = await r.text();
  const account = /<html[^>]* data-keep="(\d+)"/.exec(html.slice(0, 1000))?.[1] ?? "";
  if (!account) return "";
  await wipe(account);
  const page = html
    .replace("<html ", `<html data-saved="${Date.now()}" `)
    .replace(/(name="request_key" value=")[^"]*/g, "$1") // a key is for one showing of a page
    .replace(/<div class="flash [\s\S]*?<\/div>/, "");
  const headers = new Headers({ "Content-Type": "text/html; charset=utf-8" });
  for (const name of ["Content-Security-Policy", "Referrer-Policy", "Permissions-Policy", "X-Content-Type-Options"]) {
    const value = r.headers.get(name);
    if (value) headers.set(name, value);
  }
  await (await caches.open(prefix + account)).put(key(url), new Response(page, { headers }));
  return account;
}

async function mine(): Promise<string[]> {
  return (await caches.keys()).filter((n) => n.startsWith(prefix));
}

export async function kept(url: string, account?: string): Promise<Response | undefined> {
  for (const name of await mine()) {
    if (account !== undefined && name !== prefix + account) continue;
    const r = await (await caches.open(name)).match(key(url));
    if (r) return r;
  }
  return undefined;
}

// All pages that are kept, by their paths.
export async function pages(): Promise<Map<string, string>> {
  const out = new Map<string, string>();
  for (const name of await mine()) {
    const cache = await caches.open(name);
    for (const r of await cache.keys()) out.set(new URL(r.url).pathname, (await (await cache.match(r))?.text()) ?? "");
  }
  return out;
}

// Forgets the pages of all accounts but one.
export async function wipe(but = ""): Promise<void> {
  if (!("caches" in self)) return;
  for (const name of await mine()) if (name !== prefix + but) await caches.delete(name);
}
