// What waits, in the top bar of every page: how much, and why it has not gone yet.
import type { Outbox } from "./outbox";
import { fill, stateText } from "./state";

export function bar(box: Outbox, say: DOMStringMap): void {
  const places = document.querySelectorAll<HTMLElement>("[data-waiting]");
  const changed = (): void => {
    const n = box.unsettled();
    const stuck = box.answeredFor().length;
    const theirs = box.others.length + box.otherWalkIns.length;
    let text = "";
    if (n > 0 || box.state === "lost") text = stateText(box, say);
    else if (stuck > 0) text = fill(say.sayStuck, stuck);
    else if (theirs > 0) text = fill(say.sayOthers, theirs).replace("@", [...box.others, ...box.otherWalkIns].find((x) => x.by)?.by ?? "…");
    for (const el of places) {
      el.hidden = text === "";
      const said = el.querySelector("[data-waiting-said]");
      if (said && said.textContent !== text) said.textContent = text;
    }
  };
  box.listeners.push({ changed });
}
