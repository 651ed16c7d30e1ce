// A quiz saves itself as it is filled in: each change is sent, one request at a time, and sent again until the server has it. Without
// script the button "Save" does it.
const form = document.querySelector<HTMLFormElement>("form[data-quiz]");
if (form) run(form);

function run(form: HTMLFormElement): void {
  const words = form.dataset;
  const state = form.querySelector<HTMLElement>("[data-quiz-state]");
  const answered = form.querySelector<HTMLElement>("[data-quiz-answered]");
  const dirty = new Map<string, string>(); // question to what is chosen
  let busy = false;
  let stopped = false;
  let retry = 0;

  const say = (text: string | undefined, bad = false): void => {
    if (!state) return;
    state.textContent = text ?? "";
    state.dataset.kind = bad ? "bad" : "";
  };
  const question = (id: string): HTMLFieldSetElement | null => form.querySelector(`[data-question="${id}"]`);
  const chosen = (id: string): string[] => [...(question(id)?.querySelectorAll<HTMLInputElement>(`[name="a${id}"]:checked`) ?? [])].map((x) => x.value);

  async function send(): Promise<void> {
    if (busy || stopped || dirty.size === 0) return;
    busy = true;
    window.clearTimeout(retry);
    retry = 0;
    say(words.saving);
    const sent = new Map(dirty);
    const body = new URLSearchParams();
    for (const [id, picks] of sent) {
      body.append("q", id);
      for (const x of picks === "" ? [] : picks.split(",")) body.append(`a${id}`, x);
    }
    try {
      const res = await fetch(words.quiz ?? "", { method: "POST", body, headers: { Accept: "application/json" } });
      if (res.ok) {
        for (const [id, picks] of sent) {
          if (dirty.get(id) === picks) dirty.delete(id);
          const was = form.querySelector<HTMLInputElement>(`[name="w${id}"]`);
          if (was) was.value = picks;
        }
        const got = (await res.json()) as { answered: number };
        if (answered) answered.textContent = String(got.answered);
        if (dirty.size === 0) say(words.saved);
      } else if (res.status === 401) {
        say(words.out, true);
        later();
      } else if (res.status >= 500 || res.status === 429) {
        say(words.lost, true);
        later();
      } else {
        const said = (await res.json().catch(() => ({}))) as { detail?: string; title?: string };
        say(said.detail ?? said.title ?? words.lost, true);
        if (res.status === 409) end();
      }
    } catch {
      say(words.lost, true);
      later();
    }
    busy = false;
    if (!retry) void send();
  }
  function later(): void {
    retry = window.setTimeout(() => {
      retry = 0;
      void send();
    }, 3000);
  }
  function end(): void {
    stopped = true;
    dirty.clear();
    window.setTimeout(() => window.location.reload(), 2500);
  }

  form.addEventListener("change", (e) => {
    const id = (e.target as HTMLElement).closest<HTMLElement>("[data-question]")?.dataset.question;
    if (!id) return;
    dirty.set(id, chosen(id).join(","));
    void send();
  });
  window.addEventListener("online", () => {
    retry = 0;
    void send();
  });
  let leaving = false;
  form.addEventListener("submit", () => (leaving = true));
  window.addEventListener("beforeunload", (e) => {
    if (dirty.size > 0 && !leaving && !stopped) e.preventDefault();
  });

  // How long is left, by how long this page has been open: the phone's own clock may be wrong.
  const clock = form.querySelector<HTMLElement>("[data-quiz-clock]");
  const left = Number(words.left ?? "-1");
  if (!clock || left < 0) return;
  const began = performance.now();
  const until = clock.textContent ?? "";
  const tick = (): void => {
    const s = Math.max(0, Math.round(left - (performance.now() - began) / 1000));
    clock.textContent = s >= 3600 ? until : `${until} (${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")})`;
    if (s > 0) window.setTimeout(tick, 1000);
    else {
      say(words.over, true);
      void send();
    }
  };
  tick();
}
