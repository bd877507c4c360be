// Declarations as they are published: without those that no entry reaches, and such that TypeScript from 5.4 on reads them.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { entries, root } from "./package-entries.mjs";

const dist = join(root, "dist");
const declaration = (file) => file.replace(/\.js$/, ".d.ts");

const reached = new Set();
const pending = entries.map(({ output }) => join(dist, declaration(output)));
for (let file = pending.pop(); file; file = pending.pop()) {
  if (reached.has(file)) continue;
  reached.add(file);
  for (const { fileName } of ts.preProcessFile(readFileSync(file, "utf8")).importedFiles)
    if (fileName.startsWith(".")) pending.push(join(dirname(file), declaration(fileName)));
}

for (const name of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
  const file = join(dist, name);
  if (!name.endsWith(".d.ts")) continue;
  if (reached.has(file)) writeFileSync(file, withoutGenericArrays(readFileSync(file, "utf8")));
  else rmSync(file);
}

/**
 * Typed arrays are generic from TypeScript 5.7 on. What `of` returns is `Uint8Array<ArrayBuffer>` there, which `Response` and
 * `Blob` ask for, and `Uint8Array` before.
 */
function withoutGenericArrays(text) {
  return text
    .replaceAll(/\b(\w+Array)<ArrayBuffer>/g, "ReturnType<typeof $1.of>")
    .replaceAll(/\b(\w+Array|ArrayBufferView|DataView)<ArrayBufferLike>/g, "$1");
}
