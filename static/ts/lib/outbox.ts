// Marks on their way to the server. Each stays on the device, in the browser's storage and in memory, until the server has
// said that it has it, or has said why it does not take it; then it stays to be read. Sending twice is harmless: a mark
// carries an id of its own.

export interface Mark {
  uid: string;
  session: string;
  enrolment: string;
  mark: string; // "" takes it back
  all: boolean; // part of "all present": fills a blank only
  at: number; // milliseconds, by the server's clock as far as it is known
  name: string; // whose, for when the page that knew it is gone
  was: string; // what was shown before
  refused?: string; // why the server does not take it
}

export interface Held {
  enrolment_id: number;
  mark: string;
}

// What holds in a session.
export interface Answer {
  attended: number;
  unmarked: number;
  total: number;
  marks: Held[];
}

interface Fate {
  uid: string;
  status: string; // stored, repeated, held, refused
  message: string;
}

interface Reply {
  now: string;
  marks: Fate[];
  sessions: ({ session_id: number } & Answer)[];
}

// saved: nothing is waiting. lost: the server was not reached. busy: it could not answer. out: nobody is signed in.
export type State = "saved" | "sending" | "lost" | "busy" | "out";

interface Problem {
  detail?: string;
}

const most = 200; // marks a request
const first = 250; // ms from a tap to its sending, so that quick taps go together
const patience = 20000; // ms until a request counts as lost
const longest = 15000; // ms between attempts at most

export class Outbox {
  state: State = "saved";
  guarded = true; // the browser asks before a page with unsent marks goes away
  private waiting: Mark[] = [];
  private timer = 0;
  private sending = false;
  private failures = 0;

  constructor(
    private readonly account: string,
    private readonly refusedText: string,
    private readonly changed: () => void,
    private readonly answered: (session: string, answer: Answer) => void,
    private readonly clock: (now: number, from: number, to: number) => void,
  ) {
    this.waiting = stored(this.prefix());
    window.addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.hurry();
    });
    window.addEventListener("offline", () => {
      if (!this.sending) this.settle("lost");
    });
    window.addEventListener("pagehide", () => this.farewell());
    window.addEventListener("beforeunload", (e) => {
      if (this.guarded && this.unsent().length > 0) e.preventDefault();
    });
  }

  unsent(): Mark[] {
    return this.waiting.filter((m) => m.refused === undefined);
  }

  refused(): Mark[] {
    return this.waiting.filter((m) => m.refused !== undefined);
  }

  // The last waiting mark of each person in a session: what the page shows until the server has spoken.
  pending(session: string): Map<string, Mark> {
    const out = new Map<string, Mark>();
    for (const m of this.unsent()) if (m.session === session) out.set(m.enrolment, m);
    return out;
  }

  add(marks: Mark[]): void {
    for (const m of marks) {
      this.waiting.push(m);
      this.keep(m);
    }
    if (this.state === "saved") this.state = navigator.onLine ? "sending" : "lost";
    this.changed();
    if (this.failures === 0) this.wait(first);
  }

  start(): void {
    if (this.unsent().length > 0) {
      this.state = "sending";
      this.wait(0);
    } else if (!navigator.onLine) this.state = "lost";
    this.changed();
  }

  // Refused marks are sent once more, as they are.
  again(): void {
    for (const m of this.refused()) {
      delete m.refused;
      this.keep(m);
    }
    this.hurry();
    this.changed();
  }

  // Refused marks are given up, by the person who has read why.
  drop(): Mark[] {
    const gone = this.refused();
    this.forget(gone);
    this.changed();
    return gone;
  }

  hurry(): void {
    this.failures = 0;
    if (this.unsent().length > 0) this.wait(0);
    else if (this.state === "lost" && navigator.onLine) this.settle("saved");
  }

  private wait(ms: number): void {
    if (this.sending) return;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.send(), ms);
  }

  private settle(state: State): void {
    this.state = state;
    this.changed();
  }

  private batch(): Mark[] {
    return this.unsent().slice(0, most);
  }

  private async send(): Promise<void> {
    if (this.sending) return;
    const batch = this.batch();
    if (batch.length === 0) {
      this.settle("saved");
      return;
    }
    this.sending = true;
    if (this.failures === 0) this.settle("sending");
    const outcome = await this.post(batch);
    this.sending = false;
    if (outcome === "done") {
      this.failures = 0;
      this.wait(0);
      return;
    }
    this.failures++;
    this.settle(outcome);
    this.wait(Math.min(longest, 1000 * 2 ** Math.min(this.failures - 1, 4)) * (0.75 + Math.random() / 2));
  }

  private async post(batch: Mark[]): Promise<"done" | "lost" | "busy" | "out"> {
    const from = Date.now();
    let r: Response;
    try {
      r = await fetch(address, request(batch, AbortSignal.timeout(patience)));
    } catch {
      return "lost";
    }
    const kind = r.headers.get("Content-Type") ?? "";
    if (r.type === "opaqueredirect" || r.status === 401) return "out";
    if (r.ok) {
      if (!kind.startsWith("application/json")) return "lost"; // somebody else answered, as the sign-in of a public network does
      try {
        const reply = (await r.json()) as Reply;
        this.clock(Date.parse(reply.now), from, Date.now());
        const fates = new Map(reply.marks.map((f) => [f.uid, f]));
        for (const m of batch) {
          const fate = fates.get(m.uid);
          if (fate?.status !== "refused") continue;
          m.refused = fate.message;
          this.keep(m);
        }
        this.forget(batch.filter((m) => m.refused === undefined));
        for (const x of reply.sessions) this.answered(String(x.session_id), x);
        this.changed();
        return "done";
      } catch {
        return "lost";
      }
    }
    if (r.status === 408 || r.status === 425 || r.status === 429 || r.status >= 500) return "busy";
    let problem: Problem = {};
    if (kind.startsWith("application/problem+json")) problem = (await r.json().catch(() => ({}))) as Problem;
    for (const m of batch) {
      m.refused = problem.detail ?? this.refusedText;
      this.keep(m);
    }
    this.changed();
    return "done";
  }

  // The page goes away: what is waiting is sent along once, without anybody to hear the answer. It stays stored, and the next
  // page of a list sends it again.
  private farewell(): void {
    const batch = this.batch();
    if (batch.length > 0) void fetch(address, { ...request(batch), keepalive: true }).catch(() => undefined);
  }

  private prefix(): string {
    return `taphuan.mark.${this.account}.`;
  }

  private keep(m: Mark): void {
    try {
      localStorage.setItem(this.prefix() + m.uid, JSON.stringify(m));
    } catch {
      // Storage is full or forbidden: the mark is in memory still, and the page asks before it goes away.
    }
  }

  private forget(marks: Mark[]): void {
    const gone = new Set(marks);
    this.waiting = this.waiting.filter((m) => !gone.has(m));
    for (const m of marks) {
      try {
        localStorage.removeItem(this.prefix() + m.uid);
      } catch {
        // As with keep.
      }
    }
  }
}

const address = "/marks";

function request(batch: Mark[], signal?: AbortSignal): RequestInit {
  const marks = batch.map((m) => ({
    uid: m.uid,
    session_id: Number(m.session),
    enrolment_id: Number(m.enrolment),
    mark: m.mark,
    all: m.all,
    marked_at: new Date(m.at).toISOString(),
  }));
  return {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ marks }),
    redirect: "manual",
    signal: signal ?? null,
  };
}

function stored(prefix: string): Mark[] {
  const out: Mark[] = [];
  try {
    for (let i = 0; i < localStorage.length; i++) {
      const key = localStorage.key(i);
      if (!key?.startsWith(prefix)) continue;
      out.push(JSON.parse(localStorage.getItem(key) ?? "") as Mark);
    }
  } catch {
    // What cannot be read cannot be sent.
  }
  return out.sort((a, b) => a.at - b.at || (a.uid < b.uid ? -1 : 1));
}
