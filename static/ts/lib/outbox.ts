// What is on its way to the server. Each mark and each walk-in stays on the device until the server has said that it has it, or
// has said why it does not take it; then it stays to be read. Sending twice is harmless: each carries an id of its own.
import type { Clock } from "./clock";
import { carryOver, device, leave, note, put, remove, waiting, type Mark, type WalkIn } from "./db";
import { body } from "./wire";

// What holds for a person, as the server says it.
export interface Held {
  enrolment_id: number;
  mark: string;
  note: string;
  marked_at: string | null;
  disputed: boolean;
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
  walk_ins: Fate[];
  marks: Fate[];
  sessions: ({ session_id: number } & Answer)[];
}

// saved: nothing is waiting. lost: the server was not reached. busy: it could not answer. out: nobody is signed in, or somebody else.
export type State = "saved" | "sending" | "lost" | "busy" | "out";

type Outcome = "done" | "lost" | "busy" | "out";

// Who wants to know what becomes of it.
export interface Listener {
  changed?: () => void;
  // The server has these. They leave the device once all that was learnt of it is kept.
  taken?: (marks: Mark[], walkIns: WalkIn[]) => void | Promise<void>;
  elsewhere?: () => void; // another page has brought some to the server
  answered?: (session: string, answer: Answer) => void | Promise<void>;
}

declare global {
  interface Window {
    marks?: { box: Outbox; clock: Clock };
  }
}

const whole = 200; // marks and walk-ins a request
const first = 250; // ms from a tap to its sending, so that quick taps go together
const patience = 20000; // ms until a request counts as lost
const longest = 15000; // ms between attempts at most
const slowest = 10000; // ms that the device's own store may take
const elsewhere = 4000; // ms until a page sends what another one added

export class Outbox {
  state: State = "saved";
  marks: Mark[] = [];
  walkIns: WalkIn[] = [];
  others: Mark[] = []; // of other accounts, who used this device before
  otherWalkIns: WalkIn[] = [];
  readonly listeners: Listener[] = [];
  device = "";
  keeps = true; // what is marked lasts on this device
  full = false; // it did, and then there was no room
  private most = whole;
  private loose = new Set<string>(); // what the device has not kept yet, or did not manage to: it is in memory only
  private readonly pages = "BroadcastChannel" in window ? new BroadcastChannel("taphuan-marks") : null;
  private timer = 0;
  opened = false; // what waits on the device is known
  private sending = false;
  private posting = false;
  private failures = 0;
  private leaving = 0; // how many the server has, and this device not yet let go of

  constructor(
    readonly account: string,
    readonly by: string,
    private readonly refusedText: string,
    private readonly clock: Clock,
  ) {
    window.addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") void this.read().then(() => this.hurry(), () => this.hurry());
    });
    // Of several pages on one queue each shows what all have; one sends.
    this.pages?.addEventListener("message", () => {
      void this.read().then(() => {
        if (this.count() > 0) this.wait(elsewhere);
        else if (this.state === "sending" && !this.sending) this.state = "saved";
        this.changed();
      }, () => undefined);
    });
    window.addEventListener("offline", () => {
      if (!this.sending) this.settle("lost");
    });
    window.addEventListener("pagehide", () => this.farewell());
    window.addEventListener("beforeunload", (e) => {
      if (this.loose.size > 0 && (this.full || !this.keeps)) e.preventDefault(); // else the device has it in a moment, or farewell keeps it
    });
  }

  // Reads what waits on the device and begins to send. Nothing is sent before, that what waits longest is not left out.
  async open(): Promise<void> {
    const all = carryOver()
      .then(device)
      .then((id) => {
        this.device = id;
        return this.read();
      });
    // Where the browser keeps nothing the list is a form (see list.ts), and other pages keep in memory; where it does not answer, all do.
    await Promise.race([all.catch(() => (this.keeps = false)), new Promise((done) => window.setTimeout(done, slowest))]);
    this.opened = true;
    if (this.unsent().length + this.newcomers().length > 0) {
      this.state = "sending";
      this.wait(0);
    } else if (!navigator.onLine) this.state = "lost";
    this.changed();
  }

  // Another page may have added or sent something.
  private async read(): Promise<void> {
    if (!this.keeps) return;
    const now = await waiting();
    const mine = (x: { account: string }): boolean => x.account === this.account;
    let gone = false;
    const merge = <T extends { uid: string }>(kept: T[], here: T[]): T[] => {
      const loose = new Map(here.filter((x) => this.loose.has(x.uid)).map((x) => [x.uid, x]));
      const ids = new Set(kept.map((x) => x.uid));
      gone ||= here.some((x) => !ids.has(x.uid) && !loose.has(x.uid));
      return [...kept.map((x) => loose.get(x.uid) ?? x), ...[...loose.values()].filter((x) => !ids.has(x.uid))];
    };
    if (!this.posting) {
      this.marks = merge(now.marks.filter(mine), this.marks);
      this.walkIns = merge(now.walkIns.filter(mine), this.walkIns);
    }
    this.others = now.marks.filter((m) => !mine(m));
    this.otherWalkIns = now.walkIns.filter((w) => !mine(w));
    if (gone) for (const l of this.listeners) l.elsewhere?.();
  }

  unsent(): Mark[] {
    return this.marks.filter((m) => m.refused === undefined && !m.held);
  }

  newcomers(): WalkIn[] {
    return this.walkIns.filter((w) => w.refused === undefined);
  }

  // What the server did not take, or keeps for somebody else to decide.
  answeredFor(): (Mark | WalkIn)[] {
    return [...this.walkIns.filter((w) => w.refused !== undefined), ...this.marks.filter((m) => m.refused !== undefined || m.held)];
  }

  // How many things wait to be sent.
  count(): number {
    return this.unsent().length + this.newcomers().length;
  }

  // How many the page cannot call saved: a page that went away now would find them again.
  unsettled(): number {
    return this.count() + this.leaving;
  }

  // How many would be lost with the page, since the device has no room.
  unkept(): number {
    return this.full ? this.loose.size : 0;
  }

  // The last waiting mark of each person in a session: what the page shows until the server has spoken.
  pending(session: string): Map<string, Mark> {
    const out = new Map<string, Mark>();
    for (const m of this.unsent()) if (m.session === session) out.set(m.person, m);
    return out;
  }

  add(marks: Mark[], walkIns: WalkIn[] = []): void {
    this.marks.push(...marks);
    this.walkIns.push(...walkIns);
    this.keep(marks, walkIns);
    if (this.state === "saved") this.state = navigator.onLine ? "sending" : "lost";
    this.changed();
    if (this.failures === 0) this.wait(first);
  }

  // What was refused is sent once more, as it is.
  again(): void {
    const marks = this.marks.filter((m) => m.refused !== undefined);
    const walkIns = this.walkIns.filter((w) => w.refused !== undefined);
    for (const x of [...marks, ...walkIns]) delete x.refused;
    this.keep(marks, walkIns);
    this.hurry();
    this.changed();
  }

  // What was refused is given up, and what is held is left to the coordinator, by the person who has read why.
  drop(): void {
    this.forget(this.marks.filter((m) => m.refused !== undefined || m.held), this.walkIns.filter((w) => w.refused !== undefined));
    this.changed();
  }

  hurry(): void {
    this.failures = 0;
    if (this.count() > 0) this.wait(0);
    else if (this.state === "lost" && navigator.onLine) this.settle("saved");
    else this.changed();
  }

  // A page has reached the server, or not, with something else than marks.
  reached(server: boolean): void {
    if (this.count() === 0 && this.state !== "out") this.settle(server ? "saved" : "lost");
  }

  private changed(): void {
    for (const l of this.listeners) l.changed?.();
  }

  private wait(ms: number): void {
    if (!this.opened || this.sending || this.account === "") return;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.send(), ms);
  }

  private settle(state: State): void {
    this.state = state;
    this.changed();
  }

  private async send(): Promise<void> {
    if (this.sending) return;
    if (this.count() === 0) {
      this.settle("saved");
      return;
    }
    this.sending = true;
    if (this.failures === 0) this.settle("sending");
    const outcome = await this.alone(async () => {
      await this.read().catch(() => undefined);
      if (this.count() === 0) return "done";
      this.posting = true;
      // A mark goes with or after the walk-in whom it is about.
      const walkIns = this.newcomers().slice(0, this.most);
      const later = new Set(this.newcomers().slice(this.most).map((w) => w.uid));
      try {
        return await this.post(this.unsent().filter((m) => !later.has(m.person)).slice(0, this.most), walkIns);
      } finally {
        this.posting = false;
      }
    });
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

  // One page of the browser sends at a time, where it can be had; twice would count once all the same.
  private async alone(send: () => Promise<Outcome>): Promise<Outcome> {
    if (!("locks" in navigator)) return send();
    let begun = false;
    const once = (): Promise<Outcome> => {
      begun = true;
      return send();
    };
    try {
      return await navigator.locks.request(`taphuan-marks-${this.account}`, { signal: AbortSignal.timeout(patience) }, once);
    } catch {
      return begun ? "lost" : send(); // whoever has the turn sleeps
    }
  }

  private async post(marks: Mark[], walkIns: WalkIn[]): Promise<Outcome> {
    const from = Date.now();
    let r: Response;
    try {
      r = await fetch(address, this.request(marks, walkIns, AbortSignal.timeout(patience)));
    } catch {
      return "lost";
    }
    const kind = r.headers.get("Content-Type") ?? "";
    if (r.status === 401) return "out";
    if (r.ok) {
      if (!kind.startsWith("application/json")) return "lost"; // somebody else answered, as the sign-in of a public network does
      try {
        const reply = (await r.json()) as Reply;
        this.clock.measure(Date.parse(reply.now), from, Date.now());
        await this.settleFates(reply, marks, walkIns);
        return "done";
      } catch {
        return "lost";
      }
    }
    if (r.status === 408 || r.status === 425 || r.status === 429 || r.status >= 500) return "busy";
    if (r.status === 413 && marks.length + walkIns.length > 1) {
      this.most = Math.ceil(Math.max(marks.length, walkIns.length) / 2);
      return "done"; // and the next request is smaller
    }
    if (!kind.startsWith("application/problem+json")) return "lost"; // nor is that the server's word
    const problem = (await r.json().catch(() => ({}))) as { detail?: string };
    for (const x of [...marks, ...walkIns]) x.refused = problem.detail ?? this.refusedText;
    this.keep(marks, walkIns);
    this.changed();
    return "done";
  }

  private async settleFates(reply: Reply, marks: Mark[], walkIns: WalkIn[]): Promise<void> {
    const fates = new Map([...reply.walk_ins, ...reply.marks].map((f) => [f.uid, f]));
    const has = (x: { uid: string }): boolean => /^(stored|repeated)$/.test(fates.get(x.uid)?.status ?? "");
    for (const x of [...marks, ...walkIns]) {
      const f = fates.get(x.uid);
      if (f?.status === "refused") x.refused = f.message;
      if (f?.status === "held" && "person" in x) x.held = true;
    }
    this.keep(marks.filter((m) => m.refused !== undefined || m.held), walkIns.filter((w) => w.refused !== undefined));
    const taken = marks.filter(has);
    const entered = walkIns.filter(has);
    if (taken.length + entered.length > 0) void note("taken", Date.now()).catch(() => undefined);
    this.leaveOut(taken, entered);
    this.leaving += taken.length + entered.length;
    const learnt = this.listeners.map((l) => l.taken?.(taken, entered));
    for (const x of reply.sessions) for (const l of this.listeners) learnt.push(l.answered?.(String(x.session_id), x));
    this.changed();
    // A page that goes away before this sends them once more; one that had erased them first would show a list without them.
    const gone = Promise.allSettled(learnt).then(() => this.erase(taken, entered)).then(() => {
      this.leaving -= taken.length + entered.length;
      this.changed();
    });
    await Promise.race([gone, new Promise((done) => window.setTimeout(done, slowest))]);
  }

  // The page goes away: what is waiting is sent along once, without anybody to hear the answer. It stays kept, and the next page
  // sends it again.
  private farewell(): void {
    if (this.count() === 0 || this.account === "") return;
    const loose = <T extends { uid: string }>(all: T[]): T[] => all.filter((x) => this.loose.has(x.uid));
    if (this.loose.size > 0) leave(loose(this.marks), loose(this.walkIns));
    const walkIns = this.newcomers().slice(0, this.most);
    void fetch(address, { ...this.request(this.unsent().slice(0, this.most), walkIns), keepalive: true }).catch(() => undefined);
  }

  private request(marks: Mark[], walkIns: WalkIn[], signal?: AbortSignal): RequestInit {
    return {
      method: "POST",
      // Whoever is signed in by now may be somebody else: the server then answers as if nobody were.
      headers: { "Content-Type": "application/json", Accept: "application/json", "Taphuan-Account": this.account },
      body: JSON.stringify(body(this.device, marks, walkIns)),
      redirect: "manual",
      signal: signal ?? null,
    };
  }

  private keep(marks: Mark[], walkIns: WalkIn[]): void {
    if (marks.length + walkIns.length === 0) return;
    for (const x of [...marks, ...walkIns]) this.loose.add(x.uid);
    put(marks, walkIns).then(
      () => {
        for (const x of [...marks, ...walkIns]) this.loose.delete(x.uid);
        this.pages?.postMessage("");
        // The answer may have come before it was kept.
        const here = new Set([...this.marks, ...this.walkIns].map((x) => x.uid));
        void this.erase(marks.filter((m) => !here.has(m.uid)), walkIns.filter((w) => !here.has(w.uid)));
      },
      () => {
        // Storage is full or forbidden: it is in memory still, the page says so, and asks before it goes away.
        this.full = this.keeps;
        this.changed();
      },
    );
  }

  private forget(marks: Mark[], walkIns: WalkIn[]): void {
    this.leaveOut(marks, walkIns);
    void this.erase(marks, walkIns);
  }

  private leaveOut(marks: Mark[], walkIns: WalkIn[]): void {
    const gone = new Set([...marks, ...walkIns].map((x) => x.uid));
    this.marks = this.marks.filter((m) => !gone.has(m.uid));
    this.walkIns = this.walkIns.filter((w) => !gone.has(w.uid));
    for (const uid of gone) this.loose.delete(uid);
  }

  private async erase(marks: Mark[], walkIns: WalkIn[]): Promise<void> {
    try {
      if (marks.length > 0) await remove("marks", marks.map((m) => m.uid));
      if (walkIns.length > 0) await remove("walkIns", walkIns.map((w) => w.uid));
      if (marks.length + walkIns.length > 0) this.pages?.postMessage("");
    } catch {
      // It is sent once more, and counts once.
    }
  }
}

const address = "/marks";
