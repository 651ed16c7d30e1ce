// Lets lines come and go above a list without a row moving under a finger: the page is moved by as much, where the browser has not done so by itself.
export function still(change: () => void): void {
  const list = document.querySelector(".att-list");
  const before = list?.getBoundingClientRect().top ?? 0;
  change();
  const by = (list?.getBoundingClientRect().top ?? 0) - before;
  if (by !== 0) window.scrollBy({ top: by, behavior: "instant" });
}
