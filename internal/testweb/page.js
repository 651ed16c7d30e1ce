// What tests ask of a page. Each answer to a wait is "" or the reason why not yet.
const flat = (s) => (s ?? "").normalize("NFC").replace(/\s+/g, " ").trim();

const visible = (el) => {
  if (!el || !el.isConnected) return false;
  if (el.checkVisibility && !el.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })) return false;
  return [...el.getClientRects()].some((r) => r.width > 0 && r.height > 0);
};

const sees = (text) => (flat(document.body.innerText).includes(flat(text)) ? "" : `the page does not show ${text}`);

const words = (el) => [flat(el.innerText), flat(el.getAttribute("aria-label")), el.matches("input") ? flat(el.value) : ""].filter(Boolean);

const first = (selector) => [...document.querySelectorAll(selector)].find(visible);

// The part of the page that a text names: the smallest row, item, card or section around it.
const region = (text) => {
  const found = [...document.querySelectorAll("tr, li, article, section, fieldset, dl, form, details, main")].filter(
    (el) => visible(el) && flat(el.innerText).includes(flat(text)),
  );
  return found.sort((a, b) => a.innerText.length - b.innerText.length)[0];
};

const pressable = (text, within) => {
  const root = within === undefined ? document : region(within);
  if (!root) return undefined;
  const all = [
    ...root.querySelectorAll("a[href], button, input[type=submit], input[type=button], summary, label, [role=button], [role=tab], [role=menuitem], [role=option], [role=radio]"),
  ].filter((el) => visible(el) && !el.disabled);
  const want = flat(text);
  return (
    all.find((el) => words(el).includes(want)) ??
    all.filter((el) => words(el).some((w) => w.includes(want))).sort((a, b) => a.innerText.length - b.innerText.length)[0]
  );
};

const labelled = "input, select, textarea, [contenteditable]";

const field = (label) => {
  const want = flat(label);
  const name = (l) => flat(l.innerText).replace(/\s*\*$/, "");
  const labels = [...document.querySelectorAll("label")].filter((l) => l.isConnected);
  const l = labels.find((x) => name(x) === want) ?? labels.find((x) => name(x).startsWith(want)) ?? labels.find((x) => name(x).includes(want));
  const by = l?.control ?? l?.querySelector(labelled);
  return by ?? [...document.querySelectorAll(labelled)].find((el) => [flat(el.getAttribute("aria-label")), flat(el.placeholder)].includes(want));
};

// What a finger presses to set a box: its label, or the box where nothing labels it.
const target = (el) => [...(el?.labels ?? [])].find(visible) ?? el;

const ready = (el, hidden) => {
  if (!el) return "there is no such thing on the page";
  if (el.disabled) return "it is disabled";
  // A box or a file field may be drawn by its label.
  if (!hidden && !visible(el) && !["checkbox", "radio", "file"].includes(el.type)) return "it is not visible";
  return "";
};

const center = (el) => {
  const r = [...el.getClientRects()].find((x) => x.width > 0 && x.height > 0) ?? el.getBoundingClientRect();
  return { x: r.left + r.width / 2, y: r.top + r.height / 2 };
};

// A page whose fonts come last moves once when they come (static/ts/lib/fonts.ts); a person would aim anew. However slow the machine is, what is on its
// way is waited for; where no script asks for fonts none is.
const moves = () => {
  if (document.documentElement.dataset.light === undefined) return false;
  window.lightSince ??= performance.now();
  return performance.now() - window.lightSince < 1500 || [...document.fonts].some((f) => f.status === "loading");
};

// What has only just come to its place may yet be moved by what comes after it.
const still = (el) => {
  const at = center(el);
  const seen = window.seen;
  if (!seen || seen.el !== el || Math.hypot(seen.at.x - at.x, seen.at.y - at.y) > 1) window.seen = { el, at, since: performance.now() };
  return performance.now() - window.seen.since >= 50;
};

const unready = (el) => {
  if (!el) return "there is no such thing to press";
  if (document.readyState !== "complete") return "the page is still loading";
  if (moves()) return "the page's fonts are still to come";
  const inside = (p) => p.x >= 0 && p.y >= 0 && p.x <= innerWidth && p.y <= innerHeight;
  const free = () => {
    const p = center(el);
    if (!inside(p)) return "it is outside the window";
    const top = document.elementFromPoint(p.x, p.y);
    if (!top || el.contains(top) || top.contains(el) || el.control?.contains(top)) return "";
    return `it lies under <${top.tagName.toLowerCase()} class="${top.className}">`;
  };
  if (free() !== "") el.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
  return free() || (still(el) ? "" : "it has only just come to its place");
};

// Where to press, or why not yet. Who finds it somewhere else by the time it is pressed or let go presses nothing, which is noted.
const aim = (el) => {
  const why = unready(el);
  if (why) return { why };
  const at = center(el);
  window.missed = false;
  window.aimed?.abort();
  window.aimed = new AbortController();
  const pressed = (e) => {
    const now = center(el);
    const moved = !el.isConnected || Math.hypot(now.x - at.x, now.y - at.y) > 2;
    if (!moved || el.contains(e.target) || el.control?.contains(e.target)) return;
    window.missed = true;
    e.preventDefault();
    e.stopImmediatePropagation();
  };
  for (const what of ["mousedown", "click"]) window.addEventListener(what, pressed, { capture: true, once: true, signal: window.aimed.signal });
  return at;
};

const typed = (el) =>
  el.isContentEditable || el.matches("textarea") || (el.matches("input") && ["text", "search", "email", "tel", "url", "password", "number"].includes(el.type));

const tell = (el) => {
  el.dispatchEvent(new Event("input", { bubbles: true }));
  el.dispatchEvent(new Event("change", { bubbles: true }));
};

// Takes hold of a field: text is selected, to be typed over; other kinds get their value at once.
const take = (el, value) => {
  const why = ready(el);
  if (why) return { why };
  el.scrollIntoView({ block: "center", behavior: "instant" });
  el.focus();
  if (el.matches("select")) {
    const want = flat(value);
    const options = [...el.options];
    const o = options.find((x) => flat(x.text) === want) ?? options.find((x) => x.value === value) ?? options.find((x) => flat(x.text).includes(want));
    if (!o) return { why: `there is no option ${value} among ${options.map((x) => flat(x.text)).join("; ")}` };
    el.value = o.value;
    tell(el);
    return {};
  }
  if (!typed(el)) {
    el.value = value;
    tell(el);
    return el.value === value ? {} : { why: `a field of type ${el.type} does not take ${value}` };
  }
  if (el.select) el.select();
  if (value === "") {
    el.value = "";
    tell(el);
  }
  return { typed: true };
};

// What a link leads to, or the button of a form that is sent with GET.
const fetched = async (el) => {
  const href = el.form ? `${el.formAction}?${new URLSearchParams(new FormData(el.form, el))}` : el.href;
  const answer = await fetch(href);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  let data = "";
  for (let i = 0; i < bytes.length; i += 0x8000) data += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return { status: answer.status, type: answer.headers.get("Content-Type") ?? "", data: btoa(data) };
};

const overflow = () => {
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide <= 0) return "";
  const right = document.documentElement.clientWidth + 1;
  const culprits = [...document.body.querySelectorAll("*")].filter((el) => el.getBoundingClientRect().right > right && visible(el));
  const inner = culprits.filter((el) => !culprits.some((o) => o !== el && el.contains(o)));
  return `scrolls ${wide} px sideways: ` + inner.slice(0, 5).map((el) => `<${el.tagName.toLowerCase()} class="${el.className}">`).join(", ");
};
