// The declarations of the inference build: those that its entries reach, once more under dist/infer/types/, without the
// members marked `@training`. So its Tensor is another type than that of `hiddenstate`, as it is another class.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import ts from "typescript";
import { isTraining } from "./inference-build.mjs";
import { inferEntries, root } from "./package-entries.mjs";

const dist = join(root, "dist");
const copies = join(dist, "infer/types");
const declaration = (file) => file.replace(/\.js$/, ".d.ts");

rmSync(copies, { recursive: true, force: true });

const pending = inferEntries.map(({ output }) => join(dist, declaration(output)));
const entries = new Set(pending);
const seen = new Set(pending);
const copyOf = (file) => join(copies, relative(dist, file));

for (let file = pending.pop(); file; file = pending.pop()) {
  const to = entries.has(file) ? file : copyOf(file);
  const text = readFileSync(file, "utf8");
  const moved = withoutTraining(file, text).replace(
    /(?<=\bfrom "|\bimport\("|^import ")\.[^"]+(?=")/gm,
    (specifier) => {
      const target = join(dirname(file), declaration(specifier));
      if (!seen.has(target)) pending.push(target);
      seen.add(target);
      const path = relative(dirname(to), copyOf(target)).replace(/\.d\.ts$/, ".js");
      return path.startsWith(".") ? path : `./${path}`;
    },
  );
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, moved);
}

function withoutTraining(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const cuts = [];
  const visit = (node) => {
    if (isTraining(node)) cuts.push([node.getFullStart(), node.end]);
    else ts.forEachChild(node, visit);
  };
  visit(source);
  return cuts.reduceRight((rest, [from, to]) => rest.slice(0, from) + rest.slice(to), text);
}
