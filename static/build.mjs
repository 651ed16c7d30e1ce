// Builds what the browser runs: every css/*.css and ts/*.ts at the top of its folder becomes one minified file whose name
// carries the hash of its content; img/ and the fonts are taken along. dist/manifest.json maps plain names to built ones.
// Text files also get .br and .gz siblings, so that the server never compresses.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import zlib from "node:zlib";

const root = path.dirname(fileURLToPath(import.meta.url));
const dist = path.join(root, "dist");

async function list(dir, ext) {
  const names = await readdir(path.join(root, dir)).catch(() => []);
  return names.filter((n) => n.endsWith(ext) && !n.endsWith(".d.ts") && !n.startsWith("_")).sort();
}

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
await writeFile(path.join(dist, ".gitkeep"), "");

const css = await list("css", ".css");
const ts = await list("ts", ".ts");
const result = await build({
  absWorkingDir: root,
  entryPoints: [
    // Only app.css is a whole, and designer.css, which few pages need; the other sheets are parts of app.css.
    ...css.filter((n) => n === "app.css" || n === "designer.css").map((n) => ({ in: `css/${n}`, out: n.replace(/\.css$/, "") })),
    ...ts.map((n) => ({ in: `ts/${n}`, out: n.replace(/\.ts$/, "") })),
  ],
  outdir: "dist",
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome109", "firefox115", "safari16"],
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  loader: { ".woff2": "file", ".svg": "file", ".png": "file", ".wasm": "file" },
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
});

const manifest = {};
for (const [file, output] of Object.entries(result.metafile.outputs)) {
  const name = path.basename(file);
  if (output.entryPoint) {
    manifest[path.basename(output.entryPoint).replace(/\.ts$/, ".js")] = name;
  } else if (Object.keys(output.inputs).length === 1) {
    manifest[path.basename(Object.keys(output.inputs)[0])] = name;
  }
}

// Images that pages name themselves.
for (const name of (await readdir(path.join(root, "img")).catch(() => [])).sort()) {
  if (manifest[name]) continue;
  const body = await readFile(path.join(root, "img", name));
  const hash = createHash("sha256").update(body).digest("hex").slice(0, 8).toUpperCase();
  const { name: stem, ext } = path.parse(name);
  manifest[name] = `${stem}-${hash}${ext}`;
  await writeFile(path.join(dist, manifest[name]), body);
}

for (const name of await readdir(dist)) {
  if (!/\.(css|js|svg|wasm)$/.test(name)) continue;
  const body = await readFile(path.join(dist, name));
  await writeFile(path.join(dist, `${name}.gz`), zlib.gzipSync(body, { level: 9 }));
  await writeFile(
    path.join(dist, `${name}.br`),
    zlib.brotliCompressSync(body, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 11 } }),
  );
}

const sorted = Object.fromEntries(Object.entries(manifest).sort(([a], [b]) => (a < b ? -1 : 1)));
await writeFile(path.join(dist, "manifest.json"), JSON.stringify(sorted, null, 1) + "\n");
