// Removes the declarations that no entry reaches: what is internal is not published.
import { readdirSync, readFileSync, rmSync } from "node:fs";
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
  if (name.endsWith(".d.ts") && !reached.has(file)) rmSync(file);
}
