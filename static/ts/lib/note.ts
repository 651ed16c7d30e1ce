// A note of a person, in the details of the row; it goes with the mark. There is one field, and it is where the reader is.
import type { List, Row } from "./list";

// Gives what was typed for a row; undefined: nothing was.
export function notes(l: List): (row: Row) => string | undefined {
  const part = document.querySelector<HTMLTemplateElement>("template[data-att-note-field]")?.content.firstElementChild as HTMLElement | null;
  const field = part?.querySelector("input");
  const save = part?.querySelector("button");
  let of: Row | null = null;
  if (!part || !field || !save) return () => undefined;

  l.form.addEventListener(
    "toggle",
    (e) => {
      const more = e.target;
      if (!(more instanceof HTMLDetailsElement) || !more.open) return;
      const row = l.rows.get(more.closest<HTMLElement>("[data-att-row]")?.dataset.attRow ?? "");
      if (!row || of === row) return;
      of = row;
      field.value = row.note;
      more.querySelector(".att-marks")?.before(part);
    },
    true,
  );
  const keep = (): void => {
    if (!of) return;
    const mark = of.el.dataset.mark ?? "";
    if (mark === "") {
      l.tell(l.say.sayNoteFirst ?? "", false);
      return;
    }
    l.mark([of], mark, false, `${of.name}: ${l.say.sayNoted}`, field.value.trim());
    const more = of.el.querySelector("details");
    if (more) more.open = false;
    more?.querySelector("summary")?.focus();
  };
  save.addEventListener("click", keep);
  field.addEventListener("keydown", (e) => {
    if (e.key !== "Enter") return;
    e.preventDefault(); // else the first button of the list would be pressed
    keep();
  });
  return (row) => (of === row && row.el.querySelector("details")?.open ? field.value.trim() : undefined);
}
