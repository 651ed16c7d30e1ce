// Says whether a session can be marked without connection on this device, and makes it so.
import { keep, kept, lastsHere } from "./keep";
import { still } from "./still";

export function ready(account: string, opened: Promise<unknown>): void {
  for (const box of document.querySelectorAll<HTMLElement>("[data-ready]")) {
    const path = box.dataset.ready || location.pathname;
    const button = box.querySelector<HTMLButtonElement>("[data-ready-make]");
    const look = async (): Promise<boolean> => {
      const there = !lastsHere() ? undefined : await navigator.serviceWorker.getRegistration("/").catch(() => undefined);
      const lacks: Record<string, boolean> = {
        secure: !lastsHere(),
        worker: lastsHere() && !there?.active,
        page: lastsHere() && !(await kept(path, account).catch(() => undefined)),
      };
      const well = !Object.values(lacks).includes(true);
      const lasting = well && ((await navigator.storage?.persisted?.().catch(() => false)) ?? false);
      still(() => {
        for (const el of box.querySelectorAll<HTMLElement>("[data-lacks]")) el.hidden = !lacks[el.dataset.lacks ?? ""];
        for (const el of box.querySelectorAll<HTMLElement>("[data-ready-say]")) {
          el.hidden = el.dataset.readySay === "room" ? !well || lasting || !box.dataset.ready : (el.dataset.readySay === "yes") !== well;
        }
        if (button) button.hidden = lacks.secure === true || (well && (lasting || !box.dataset.ready));
        box.hidden = false;
      });
      return well;
    };
    const make = async (): Promise<void> => {
      await navigator.serviceWorker.register("/sw.js");
      await navigator.serviceWorker.ready;
      if (!(await kept(path, account))) await fetchAndKeep(path);
      await fetchAndKeep(scanner(path));
    };
    button?.addEventListener("click", () => {
      void (async () => {
        await make().catch(() => undefined);
        await navigator.storage?.persist?.().catch(() => false);
        await look();
      })();
    });
    // A list that lies ahead waits to be asked for; what is open now is being kept (see keepOpen), and says nothing before that.
    void (box.dataset.ready ? look() : Promise.resolve()).then(() => opened).then(look);
  }
}

// What was opened once with signal works without: the first time there is no worker yet that would have kept the page.
export async function keepOpen(account: string): Promise<void> {
  await navigator.serviceWorker.register("/sw.js");
  if (!document.documentElement.dataset.keep || document.documentElement.dataset.saved !== undefined) return;
  await navigator.serviceWorker.ready;
  if (!(await kept(location.href, account))) await fetchAndKeep(location.pathname);
  await fetchAndKeep(scanner(location.pathname));
}

// Where the badges of a list are scanned: what is ready without connection has that, too.
function scanner(path: string): string {
  return /^\/sessions\/\d+\/attendance$/.test(path) ? path.replace(/attendance$/, "scan") : "";
}

async function fetchAndKeep(path: string): Promise<void> {
  if (path) await keep(path, await fetch(path, { redirect: "manual", headers: { Accept: "text/html" } }));
}
