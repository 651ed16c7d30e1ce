import { fold } from "./fold";

// A long native select gets a search in front of it: typing "phu nu" finds "Hội Liên hiệp Phụ nữ". The select stays in
// the form and holds the value.
export function combos(root: ParentNode): void {
  for (const select of root.querySelectorAll<HTMLSelectElement>("select[data-combobox]")) {
    if (select.multiple || select.disabled || select.options.length < 8) continue;
    enhance(select);
  }
}

function enhance(select: HTMLSelectElement): void {
  const options = [...select.options].map((o) => ({ el: o, text: o.text.trim(), label: o.text, folded: fold(o.text) }));
  const wrap = select.parentElement;
  if (!wrap) return;
  const input = document.createElement("input");
  const list = document.createElement("ul");
  const id = select.id;
  input.className = select.className;
  input.id = id;
  select.id = `${id}-select`;
  list.id = `${id}-list`;
  list.className = "combo-list";
  list.setAttribute("role", "listbox");
  list.hidden = true;
  input.type = "text";
  input.autocomplete = "off";
  input.spellcheck = false;
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-autocomplete", "list");
  for (const name of ["aria-describedby", "aria-invalid"]) {
    const v = select.getAttribute(name);
    if (v) input.setAttribute(name, v);
  }
  input.placeholder = select.dataset.find ?? "";
  wrap.classList.add("combo");
  wrap.append(input, list);
  select.hidden = true;

  let shown: typeof options = [];
  let at = -1;
  const current = (): string => {
    const o = select.selectedOptions[0];
    return o && o.value !== "" ? o.text.trim() : "";
  };
  input.value = current();

  const mark = (i: number): void => {
    at = i;
    [...list.children].forEach((li, j) => li.setAttribute("aria-selected", String(j === i)));
    const li = list.children[i];
    if (li && li.id) {
      input.setAttribute("aria-activedescendant", li.id);
      li.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };
  const close = (): void => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    at = -1;
  };
  const open = (query: string): void => {
    const words = fold(query).split(" ").filter(Boolean);
    shown = options.filter((o) => !o.el.disabled && words.every((w) => o.folded.includes(w))).slice(0, 200);
    list.replaceChildren(
      ...shown.map((o, i) => {
        const li = document.createElement("li");
        li.id = `${id}-o${i}`;
        li.setAttribute("role", "option");
        li.textContent = words.length ? o.text : o.label;
        li.addEventListener("mousedown", (e) => {
          e.preventDefault();
          choose(i);
        });
        return li;
      }),
    );
    if (!shown.length) {
      const li = document.createElement("li");
      li.className = "combo-none";
      li.textContent = select.dataset.none ?? "";
      list.append(li);
    }
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    mark(words.length && shown.length ? 0 : -1);
  };
  const choose = (i: number): void => take(shown[i]);
  const take = (o: (typeof options)[number] | undefined): void => {
    if (!o) return;
    if (select.value === o.el.value) {
      input.value = o.el.value === "" ? "" : o.text;
      close();
      return;
    }
    select.value = o.el.value;
    input.value = o.el.value === "" ? "" : o.text;
    close();
    select.dispatchEvent(new Event("change", { bubbles: true }));
  };
  input.addEventListener("focus", () => input.select());
  input.addEventListener("click", () => open(""));
  input.addEventListener("input", () => open(input.value));
  // Going on without choosing: words that name one thing choose it, an emptied field chooses nothing, others are undone.
  input.addEventListener("blur", () => {
    const typed = fold(input.value);
    if (typed === "") take(options.find((o) => o.el.value === ""));
    else if (typed !== fold(current())) {
      const found = options.filter((o) => !o.el.disabled && o.el.value !== "" && o.folded.includes(typed));
      take(found.find((o) => o.folded === typed) ?? (found.length === 1 ? found[0] : undefined));
    }
    input.value = current();
    close();
  });
  // The field itself sends nothing, so its own change is not news.
  input.addEventListener("change", (e) => e.stopPropagation());
  input.addEventListener("keydown", (e) => {
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      e.preventDefault();
      if (list.hidden) open("");
      else if (shown.length) mark((at + (e.key === "ArrowDown" ? 1 : -1) + shown.length) % shown.length);
    } else if (e.key === "Enter" && !list.hidden) {
      e.preventDefault();
      if (at >= 0) choose(at);
      else close();
    } else if (e.key === "Escape" && !list.hidden) {
      e.preventDefault();
      input.value = current();
      close();
    }
  });
}
