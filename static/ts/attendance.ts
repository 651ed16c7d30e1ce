// Loaded on the pages of those who mark attendance, and where they sign in: what waits is sent from every page, and seen on each.
import { bar } from "./lib/bar";
import { Clock } from "./lib/clock";
import { note, recall, wipeSheets } from "./lib/db";
import { fonts } from "./lib/fonts";
import { lastsHere, wipe } from "./lib/keep";
import { list } from "./lib/list";
import { Outbox } from "./lib/outbox";
import { phone } from "./lib/phone";
import { keepOpen, ready } from "./lib/ready";

const about = document.querySelector<HTMLMetaElement>("meta[name=marks]");
const form = document.querySelector<HTMLFormElement>("form[data-attendance]");
const what = document.querySelector<HTMLElement>("[data-phone]");
if (about) {
  // The page of what the device holds is the same for everybody; whose the device is it knows by itself.
  if (what) void recall<string>("account").catch(() => undefined).then((account) => start(about, account ?? ""));
  else start(about, about.content);
}

function start(about: HTMLMetaElement, account: string): void {
  const clock = new Clock();
  const box = new Outbox(account, about.dataset.name ?? "", about.dataset.sayRefused ?? "", clock);

  // The server's clock from the page itself, unless the page was kept.
  const arrived = performance.getEntriesByType("navigation")[0] as PerformanceNavigationTiming | undefined;
  if (arrived && !what && document.documentElement.dataset.saved === undefined) {
    const begin = Date.now() - performance.now();
    clock.measure(Number(about.dataset.now), begin + arrived.requestStart, begin + arrived.responseStart);
  }

  bar(box, about.dataset);
  window.marks = { box, clock }; // for the scripts that follow
  const open = form ? Promise.resolve() : clock.load().then(() => box.open());
  if (form) list(form, box, clock);
  if (what) void phone(what, box);
  const scan = document.querySelector<HTMLElement>("[data-scan]");
  if (scan) void (import(/* named by the page */ scan.dataset.script ?? "") as Promise<typeof import("./scan")>).then((m) => open.then(() => m.start(scan, box, clock)));

  // A phone goes from hand to hand: whoever signs in finds no lists of another, and whoever signs out leaves none.
  if (about.content) {
    void note("account", account).catch(() => undefined);
    void wipe(account).catch(() => undefined);
    void wipeSheets(account).catch(() => undefined);
  }
  for (const out of document.querySelectorAll<HTMLFormElement>("form[action='/sign-out']")) {
    out.addEventListener("submit", () => {
      void wipe().catch(() => undefined);
      void wipeSheets().catch(() => undefined);
    });
  }

  const loaded = new Promise<void>((done) => (document.readyState === "complete" ? done() : window.addEventListener("load", () => done())));
  void fonts(loaded).catch(() => undefined);
  let opened: Promise<unknown> = Promise.resolve();
  if (account && lastsHere() && ("field" in about.dataset || document.documentElement.dataset.keep)) {
    opened = loaded.then(() => keepOpen(account)).catch(() => undefined);
  }
  if (account) ready(account, opened);
}
