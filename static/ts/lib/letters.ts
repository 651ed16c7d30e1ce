// Crockford's 32 letters and digits, as app/badge writes hashes.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

export function letters(sum: Uint8Array, bits: number): string {
  let out = "";
  for (let at = 0; at < bits; at += 5) {
    const pair = ((sum[at >> 3] ?? 0) << 8) | (sum[(at >> 3) + 1] ?? 0);
    out += alphabet.charAt((pair >> (11 - (at & 7))) & 31);
  }
  return out;
}
