// On a slow line the house's fonts would be in the way of the list and of its script. A page that is light shows the device's own until
// all else is there, and keeps them when a finger is on the list already: nothing moves under it then.
export async function fonts(loaded: Promise<void>): Promise<void> {
  const root = document.documentElement;
  if (root.dataset.light === undefined) return;
  if (!navigator.serviceWorker?.controller) await loaded; // else they lie here
  let touched = false;
  window.addEventListener("pointerdown", () => (touched = true), { once: true, capture: true });
  await Promise.all(["400", "500", "700"].map((weight) => document.fonts.load(`${weight} 1em "Be Vietnam Pro"`, "aệ")));
  if (!touched) delete root.dataset.light;
}
