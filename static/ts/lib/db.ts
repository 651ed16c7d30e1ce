// What this device keeps: what waits for the server, by account; the lists of the sessions that were opened, as they were last
// known; and what was measured of the clock. The first is never wiped, the second is with signing out.
import { openDB, type DBSchema, type IDBPDatabase, type StoreNames } from "idb";
import { v4 } from "uuid"; // the browser's own needs TLS

// A mark on its way to the server.
export interface Mark {
  uid: string; // version 7, made here: what arrives twice counts once
  account: string; // whose it is to send
  by: string; // the name of that account
  session: string;
  title: string; // of the session, for when the page that knew it is gone
  person: string; // an enrolment's id, or a walk-in's uid
  name: string;
  mark: string; // "" takes it back
  note: string;
  all: boolean; // part of "all present": fills a blank only
  source: string; // list, badge
  at: number; // milliseconds by this device's own clock
  offset: number | null; // the server's clock minus this one, as it was known then; null: never measured
  seen: string; // when what was shown had been marked, as the server wrote it; "" nothing was
  was: string; // what was shown before
  refused?: string; // why the server does not take it
  held?: boolean; // it came after the course had closed: the server keeps it for a coordinator
}

// Somebody who came and is not on the list.
export interface WalkIn {
  uid: string;
  account: string;
  by: string;
  session: string;
  title: string;
  name: string;
  office: string;
  birthYear: number; // 0: not known
  replaces: string; // the enrolment in whose place they came; "" nobody's
  refused?: string;
}

// The mark that holds, as far as this device knows.
export interface Known {
  mark: string;
  note: string;
  at: string; // when it was marked, by the server's clock; "" without one
  odd: boolean; // two sources disagree
}

export interface Guest {
  uid: string;
  name: string;
  office: string;
  replaces: string;
}

// The list of a session as it was last known.
export interface Sheet {
  account: string;
  session: string;
  title: string;
  path: string;
  marks: Record<string, Known>;
  guests: Guest[];
}

interface Shape extends DBSchema {
  marks: { key: string; value: Mark };
  walkIns: { key: string; value: WalkIn };
  sheets: { key: [string, string]; value: Sheet };
  about: { key: string; value: string | number };
}

let opened: Promise<IDBPDatabase<Shape>> | null = null;

function db(): Promise<IDBPDatabase<Shape>> {
  opened ??= openDB<Shape>("taphuan", 1, {
    upgrade(d) {
      d.createObjectStore("marks", { keyPath: "uid" });
      d.createObjectStore("walkIns", { keyPath: "uid" });
      d.createObjectStore("sheets", { keyPath: ["account", "session"] });
      d.createObjectStore("about");
    },
    // A newer version of the app wants to come in: this page's next question opens the database again.
    blocking(_now, _next, event) {
      opened = null;
      (event.target as IDBDatabase).close();
    },
    terminated() {
      opened = null;
    },
  }).catch((e: unknown) => {
    opened = null;
    throw e;
  });
  return opened;
}

export async function waiting(): Promise<{ marks: Mark[]; walkIns: WalkIn[] }> {
  const d = await db();
  const [marks, walkIns] = await Promise.all([d.getAll("marks"), d.getAll("walkIns")]);
  return { marks: marks.sort((a, b) => a.at - b.at || (a.uid < b.uid ? -1 : 1)), walkIns };
}

// Writes what waits. It is answered when it is on the disk and not only on its way there.
export async function put(marks: Mark[], walkIns: WalkIn[] = []): Promise<void> {
  const tx = (await db()).transaction(["marks", "walkIns"], "readwrite", { durability: "strict" });
  for (const m of marks) void tx.objectStore("marks").put(m);
  for (const w of walkIns) void tx.objectStore("walkIns").put(w);
  await tx.done;
}

export async function remove(store: "marks" | "walkIns", uids: string[]): Promise<void> {
  const tx = (await db()).transaction(store, "readwrite");
  for (const uid of uids) void tx.store.delete(uid);
  await tx.done;
}

export async function sheet(account: string, session: string): Promise<Sheet | undefined> {
  return (await db()).get("sheets", [account, session]);
}

export async function keepSheet(s: Sheet): Promise<void> {
  await (await db()).put("sheets", s);
}

// Wipes the lists of all accounts but one; what waits is not touched.
export async function wipeSheets(but = ""): Promise<void> {
  const tx = (await db()).transaction("sheets", "readwrite");
  for (const key of await tx.store.getAllKeys()) if (key[0] !== but) void tx.store.delete(key);
  await tx.done;
}

export async function recall<T extends string | number>(name: string): Promise<T | undefined> {
  return (await db()).get("about", name) as Promise<T | undefined>;
}

export async function note(name: string, value: string | number): Promise<void> {
  await (await db()).put("about", value, name);
}

// The id of this browser, made once.
export async function device(): Promise<string> {
  const tx = (await db()).transaction("about" satisfies StoreNames<Shape>, "readwrite");
  let id = (await tx.store.get("device")) as string | undefined;
  if (!id) {
    id = v4();
    void tx.store.put(id, "device");
  }
  await tx.done;
  return id;
}

// What a page had not written yet when it went away is left where it can be left at once, and carried over by the next page. Some of it may
// have been written, or even sent, all the same: it counts once.
const left = "taphuan.left";

interface Left {
  marks: Mark[];
  walkIns: WalkIn[];
}

function whatIsLeft(): Left {
  try {
    return JSON.parse(localStorage.getItem(left) ?? "") as Left;
  } catch {
    return { marks: [], walkIns: [] };
  }
}

export function leave(marks: Mark[], walkIns: WalkIn[]): void {
  const there = whatIsLeft();
  try {
    localStorage.setItem(left, JSON.stringify({ marks: [...there.marks, ...marks], walkIns: [...there.walkIns, ...walkIns] }));
  } catch {
    // No room here either: the page has asked before it went.
  }
}

// Before, marks waited in the browser's plain storage. What still does is carried over, once.
export async function carryOver(): Promise<void> {
  const there = whatIsLeft();
  if (there.marks.length + there.walkIns.length > 0) {
    await put(there.marks, there.walkIns);
    localStorage.removeItem(left);
  }
  const prefix = "taphuan.mark.";
  const keys = Object.keys(localStorage).filter((k) => k.startsWith(prefix));
  if (keys.length === 0) return;
  const marks: Mark[] = [];
  for (const key of keys) {
    try {
      const old = JSON.parse(localStorage.getItem(key) ?? "") as Mark & { enrolment: string };
      const account = key.slice(prefix.length).split(".")[0] ?? "";
      const { uid, session, enrolment, name, mark, all, at, was } = old;
      // Their time was corrected already.
      marks.push({ uid, account, by: "", session, title: "", person: enrolment, name, mark, note: "", all, source: "list", at, offset: null, seen: "", was, ...(old.refused ? { refused: old.refused } : {}) });
    } catch {
      // What cannot be read cannot be sent.
    }
  }
  await put(marks);
  for (const key of keys) localStorage.removeItem(key);
}
