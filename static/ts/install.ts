// Says whether this device trusts the server, at once and again whenever the reader comes back from its settings.
type Verdict = "yes" | "no" | "unsure";

const box = document.querySelector<HTMLElement>("[data-trust]");

// Over TLS a reader may have been let in past a warning: a worker is registered only by who truly trusts the certificate. Over plain
// HTTP it can only be asked whether anything comes back over TLS; that page then looks more closely.
async function verdict(secure: string): Promise<Verdict> {
  if (location.protocol !== "https:") {
    if (!secure) return "unsure";
    return fetch(secure, { mode: "no-cors", cache: "no-store", credentials: "omit" }).then(
      () => "yes",
      () => "no",
    );
  }
  if (!("serviceWorker" in navigator)) return "unsure";
  try {
    const worker = await navigator.serviceWorker.register("/install/trust.js", { scope: "/install/" });
    await worker.unregister();
    return "yes";
  } catch {
    return "no";
  }
}

function fold(away: boolean): void {
  const steps = document.querySelector<HTMLElement>("[data-trust-steps]");
  const show = document.querySelector<HTMLElement>("[data-trust-show]");
  if (steps) steps.hidden = away;
  if (show) show.hidden = !away;
}

let asking = false;
async function check(el: HTMLElement): Promise<void> {
  if (asking) return;
  asking = true;
  const v = await verdict(el.dataset.trust ?? "");
  asking = false;
  // Whoever trusts the server has nothing to install; how it is done stays at hand, for somebody else's sake.
  fold(v === "yes" && location.protocol === "https:");
  for (const say of el.querySelectorAll<HTMLElement>("[data-trust-say]")) say.hidden = say.dataset.trustSay !== v;
}

if (box) {
  const again = box.querySelector<HTMLElement>("[data-trust-again]");
  if (again) again.hidden = false;
  again?.addEventListener("click", () => void check(box));
  box.querySelector("[data-trust-show]")?.addEventListener("click", () => fold(false));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void check(box);
  });
  void check(box);
}
