// The server's clock, as far as this device can tell. What was measured last is kept, for a page that is opened without connection.
import { note, recall } from "./db";

const quick = 2000; // ms: an answer that took longer says little about the time, and no more than that a clock is wrong

export class Clock {
  offset: number | null = null; // the server's clock minus this one, in milliseconds
  private slack = 0; // by how much that may be wrong
  private readonly kept = recall<number>("offset").catch(() => undefined); // asked for before anything is noted

  async load(): Promise<void> {
    const kept = await this.kept;
    if (kept !== undefined && (this.offset === null || Math.abs(kept - this.offset) <= this.slack)) this.offset = kept;
  }

  // The server said its time somewhere between from and to. What is known stands unless that contradicts it: else two taps could change places.
  // So does this clock itself where the answer was slow.
  measure(server: number, from: number, to: number): void {
    if (!Number.isFinite(server) || to < from) return; // or this clock was set back in between
    const slack = (to - from) / 2;
    const offset = Math.round(server - (from + to) / 2);
    const known = this.offset ?? (to - from > quick ? 0 : Infinity);
    if (Math.abs(offset - known) <= slack) return;
    this.offset = offset;
    this.slack = slack;
    void note("offset", this.offset).catch(() => undefined);
  }

  // The time of the server, as far as it is known, when this clock shows at.
  at(at: number): number {
    return at + (this.offset ?? 0);
  }

  // The time of this clock, but later than what was seen, so that the later of two taps is the later mark.
  after(seen: string): number {
    const then = seen ? Date.parse(seen) + 1 - (this.offset ?? 0) : 0;
    return Math.max(Date.now(), then);
  }
}
