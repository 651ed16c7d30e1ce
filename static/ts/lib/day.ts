// A day is typed and shown as 23/11/2026, whatever language the browser speaks. A calendar beside it helps to choose, and
// the form sends 2026-11-23.
export function days(root: ParentNode): void {
  for (const input of root.querySelectorAll<HTMLInputElement>("input[data-day]")) {
    if (!input.readOnly && !input.disabled) withCalendar(input);
    input.form?.addEventListener("formdata", (e) => {
      const iso = isoDay(input.value);
      if (iso && input.name && !input.disabled) e.formData.set(input.name, iso);
    });
    input.addEventListener("change", () => {
      const iso = isoDay(input.value);
      if (iso) input.value = written(iso);
    });
  }
}

// isoDay reads 23/11/2026, 23.11.2026, 23-11-2026, 23112026 and 2026-11-23; anything else, and days that do not exist,
// give "".
export function isoDay(text: string): string {
  const s = text.trim();
  const m =
    /^(?<d>\d{1,2})[/.\- ](?<m>\d{1,2})[/.\- ](?<y>\d{4})$/.exec(s) ??
    /^(?<d>\d{2})(?<m>\d{2})(?<y>\d{4})$/.exec(s) ??
    /^(?<y>\d{4})-(?<m>\d{1,2})-(?<d>\d{1,2})$/.exec(s);
  if (!m?.groups) return "";
  const [y, mo, d] = [Number(m.groups.y), Number(m.groups.m), Number(m.groups.d)];
  const at = new Date(Date.UTC(y, mo - 1, d));
  if (at.getUTCFullYear() !== y || at.getUTCMonth() !== mo - 1 || at.getUTCDate() !== d) return "";
  return at.toISOString().slice(0, 10);
}

function written(iso: string): string {
  const [y, m, d] = iso.split("-");
  return `${d}/${m}/${y}`;
}

function withCalendar(input: HTMLInputElement): void {
  const native = document.createElement("input");
  native.type = "date";
  if (!("showPicker" in native)) return;
  native.className = "date-native";
  native.tabIndex = -1;
  native.setAttribute("aria-hidden", "true");
  native.min = input.dataset.min ?? "";
  native.max = input.dataset.max ?? "";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "date-open";
  button.setAttribute("aria-label", input.dataset.day ?? "");
  button.innerHTML =
    '<svg class="icon" viewBox="0 0 20 20" width="20" height="20" fill="none" stroke="currentColor" stroke-width="1.5" aria-hidden="true"><path d="M3.5 5h13v11.500h-13zM3.500 8.500h13M7 3v3.500M13 3v3.500"/></svg>';
  button.addEventListener("click", () => {
    native.value = isoDay(input.value);
    native.showPicker();
  });
  native.addEventListener("change", () => {
    if (!native.value) return;
    input.value = written(native.value);
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  input.after(native, button);
}
