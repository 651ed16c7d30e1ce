// The server's clock, as far as this device can tell. What was measured last is kept, for a page that is opened without connection.
import { note, recall } from "./db";

const quick = 2000; // ms: an answer that took longer says little about the time

export class Clock {
  offset: number | null = null; // the server's clock minus this one, in milliseconds

  async load(): Promise<void> {
    const kept = await recall<number>("offset");
    this.offset ??= kept ?? null;
  }

  // The server said its time somewhere between from and to. What is known stands unless that contradicts it: else two taps could change places.
  measure(server: number, from: number, to: number): void {
    if (!Number.isFinite(server) || to - from > quick) return;
    const offset = Math.round(server - (from + to) / 2);
    if (this.offset !== null && Math.abs(offset - this.offset) <= (to - from) / 2) return;
    this.offset = offset;
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
