// The declarations of the inference build: those that its entries reach, without the members marked `@training`. What
// that changes, and what refers to it, stands once more under dist/infer/types/, so its Tensor is another type than that
// of `hiddenstate`, as it is another class; the rest is shared.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import ts from "typescript";
import { isTraining } from "./inference-build.mjs";
import { inferEntries, root } from "./package-entries.mjs";

const dist = join(root, "dist");
const copies = join(dist, "infer/types");
const declaration = (file) => file.replace(/\.js$/, ".d.ts");
const targetOf = (file, specifier) => join(dirname(file), declaration(specifier));

rmSync(copies, { recursive: true, force: true });

/** The declarations by file, stripped, and the files each refers to. */
const reached = new Map();
const own = new Set(inferEntries.map(({ output }) => join(dist, declaration(output))));
const entries = new Set(own);
const pending = [...own];
for (let file = pending.pop(); file; file = pending.pop()) {
  if (reached.has(file)) continue;
  const text = readFileSync(file, "utf8");
  const stripped = withoutTraining(text);
  if (stripped !== text) own.add(file);
  const targets = ts
    .preProcessFile(stripped)
    .importedFiles.filter(({ fileName }) => fileName.startsWith("."))
    .map(({ fileName }) => targetOf(file, fileName));
  reached.set(file, { stripped, targets });
  pending.push(...targets);
}

// What refers to a copy is a copy.
for (let before = -1; before < own.size;) {
  before = own.size;
  for (const [file, { targets }] of reached)
    if (targets.some((target) => own.has(target))) own.add(file);
}

const placeOf = (file) =>
  own.has(file) && !entries.has(file) ? join(copies, relative(dist, file)) : file;
for (const file of own) {
  const place = placeOf(file);
  const moved = withoutPatterns(reached.get(file).stripped).replace(
    /(?<=\bfrom "|\bimport\("|^import ")\.[^"]+(?=")/gm,
    (specifier) => {
      const target = placeOf(targetOf(file, specifier));
      const path = relative(dirname(place), target).replace(/\.d\.ts$/, ".js");
      return path.startsWith(".") ? path : `./${path}`;
    },
  );
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, moved);
}

/** Without what is marked, and without the imports that only this needed. */
function withoutTraining(text) {
  const stripped = edit(text, (node) => isTraining(node) && "");
  if (stripped === text) return text;
  const source = parse(stripped);
  const used = new Set();
  const visit = (node) => {
    if (ts.isImportDeclaration(node)) return;
    if (ts.isIdentifier(node)) used.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return edit(stripped, (node) => {
    if (!ts.isImportDeclaration(node) || !node.importClause) return false;
    const { elements } = node.importClause.namedBindings;
    const kept = elements.filter(({ name }) => used.has(name.text));
    if (kept.length === elements.length) return false;
    const names = kept.map((element) => element.getText()).join(", ");
    const modifier = node.importClause.isTypeOnly ? "type " : "";
    return kept.length === 0
      ? ""
      : `import ${modifier}{ ${names} } from ${node.moduleSpecifier.getText()};`;
  });
}

/** A pattern of an implementation, `{ requiresGrad }`, says nothing to a caller, and may name what is stripped. */
function withoutPatterns(text) {
  return edit(text, (node) => {
    if (!ts.isObjectBindingPattern(node)) return false;
    const { parameters } = node.parent.parent;
    const alike = parameters.filter(
      ({ name }) => ts.isObjectBindingPattern(name) || name.text === "options",
    );
    return alike.length === 1 ? "options" : `options${parameters.indexOf(node.parent) + 1}`;
  });
}

/** A source in which nodes are replaced, those for which `by` gives a text. */
function edit(text, by) {
  const edits = [];
  const visit = (node) => {
    const replacement = by(node);
    if (replacement === false) ts.forEachChild(node, visit);
    else
      edits.push([
        replacement === "" ? node.getFullStart() : node.getStart(),
        node.end,
        replacement,
      ]);
  };
  visit(parse(text));
  return edits.reduceRight(
    (rest, [from, to, replacement]) => rest.slice(0, from) + replacement + rest.slice(to),
    text,
  );
}

function parse(text) {
  return ts.createSourceFile("declarations.d.ts", text, ts.ScriptTarget.Latest, true);
}
