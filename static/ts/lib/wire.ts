// How marks and walk-ins are written for the server: in a request, and in a file that is carried to it.
import type { Mark, WalkIn } from "./db";

export function body(device: string, marks: Mark[], walkIns: WalkIn[]): Record<string, unknown> {
  return {
    device_id: device,
    walk_ins: walkIns.map((w) => ({
      uid: w.uid,
      session_id: Number(w.session),
      name: w.name,
      office: w.office,
      birth_year: w.birthYear,
      ...(w.replaces ? { replaces_enrolment_id: Number(w.replaces) } : {}),
    })),
    marks: marks.map((m) => ({
      uid: m.uid,
      session_id: Number(m.session),
      ...(walkedIn(m.person) ? { walk_in_uid: m.person } : { enrolment_id: Number(m.person) }),
      mark: m.mark,
      note: m.note,
      all: m.all,
      source: m.source,
      marked_at: new Date(m.at).toISOString(),
      ...(m.offset === null ? {} : { offset_ms: m.offset }),
      ...(m.seen ? { seen_at: m.seen } : {}),
    })),
  };
}

// Walk-ins are known by the id that was made here, the enrolled by the server's number.
export function walkedIn(person: string): boolean {
  return person.includes("-");
}

// The queue of an account as a file: a coordinator gives it to the server on a page of its own.
export function file(account: string, by: string, device: string, marks: Mark[], walkIns: WalkIn[]): string {
  const names = Object.fromEntries([...marks.map((m) => [m.uid, m.name]), ...walkIns.map((w) => [w.uid, w.name])]) as Record<string, string>;
  return JSON.stringify({ format: "taphuan-marks", version: 1, account: Number(account), account_name: by, saved_at: new Date().toISOString(), names, ...body(device, marks, walkIns) }, null, 1);
}
