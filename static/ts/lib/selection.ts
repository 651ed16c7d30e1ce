// The box in a table's head ticks the rows of its table, one outside a table those of its form; how many are chosen in the form is said
// wherever [data-selected] stands. Once everything found is chosen, on other pages too, single rows are no question any more.
export function selection(root: ParentNode): void {
  const heads = [...root.querySelectorAll<HTMLInputElement>("[data-select-all]")];
  for (const scope of new Set(heads.map((all) => all.closest("form") ?? all.closest("table")))) {
    if (scope) selectionIn(scope);
  }
}

function selectionIn(scope: Element): void {
  const boxes = [...scope.querySelectorAll<HTMLInputElement>("[data-select]")];
  const heads = [...scope.querySelectorAll<HTMLInputElement>("[data-select-all]")];
  const found = scope.querySelector<HTMLInputElement>("[data-select-found]");
  const of = (all: HTMLInputElement): HTMLInputElement[] => {
    const table = all.closest("table");
    return table ? boxes.filter((b) => table.contains(b)) : boxes;
  };
  const show = (): void => {
    const everything = found?.checked ?? false;
    for (const b of boxes) b.disabled = everything;
    for (const all of heads) {
      const n = of(all).filter((b) => b.checked).length;
      all.disabled = everything;
      all.checked = n > 0 && n === of(all).length;
      all.indeterminate = n > 0 && n < of(all).length;
    }
    const chosen = everything ? (found?.dataset.selectFound ?? "") : String(boxes.filter((b) => b.checked).length);
    for (const el of scope.querySelectorAll("[data-selected]")) el.textContent = chosen;
  };
  let last: number | null = null;
  boxes.forEach((box, i) =>
    box.addEventListener("click", (e) => {
      if (e.shiftKey && last !== null) {
        for (let j = Math.min(last, i); j <= Math.max(last, i); j++) {
          const other = boxes[j];
          if (other) other.checked = box.checked;
        }
      }
      last = i;
      show();
    }),
  );
  for (const all of heads) {
    all.addEventListener("change", () => {
      for (const b of of(all)) b.checked = all.checked;
      show();
    });
  }
  found?.addEventListener("change", () => {
    if (found.checked) for (const b of boxes) b.checked = true;
    show();
  });
  show();
}
