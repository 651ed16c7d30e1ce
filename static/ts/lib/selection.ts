// The box in a table's head ticks the rows of its table; how many are chosen in the form is said wherever [data-selected] stands.
export function selection(root: ParentNode): void {
  for (const all of root.querySelectorAll<HTMLInputElement>("[data-select-all]")) {
    const table = all.closest("table");
    const scope = all.closest("form") ?? table;
    if (!table || !scope) continue;
    const boxes = [...table.querySelectorAll<HTMLInputElement>("[data-select]")];
    const show = (): void => {
      const n = boxes.filter((b) => b.checked).length;
      all.checked = n > 0 && n === boxes.length;
      all.indeterminate = n > 0 && n < boxes.length;
      const chosen = scope.querySelectorAll("[data-select]:checked").length;
      for (const el of scope.querySelectorAll("[data-selected]")) el.textContent = String(chosen);
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
    all.addEventListener("change", () => {
      for (const b of boxes) b.checked = all.checked;
      show();
    });
    show();
  }
}
