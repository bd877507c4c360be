// The layers, as the tables of docs/architecture.md have them: a folder imports only from folders on rows below its
// own, be it only types; and no file depends on itself in a circle when it runs (imports of types alone are gone by then).
//   node scripts/check-layers.mjs
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { kernelAliases } from "./kernel-modules.mjs";

/**
 * Every violation under `root`, as `file:line: what is wrong`.
 *
 * @param layers the text with the tables; default docs/architecture.md
 */
export function checkLayers(root, layers = join(root, "docs/architecture.md")) {
  const { rows, apart } = readLayers(readFileSync(layers, "utf8"));
  return Object.keys(rows).flatMap((top) => {
    const files = sourcesIn(join(root, top));
    const imports = new Map(files.map((file) => [file, importsOf(root, file)]));
    const show = ({ file, line, text }) => `${relative(root, file)}:${line}: ${text}`;
    const upward = upwardImports(join(root, top), rows[top], apart, imports);
    return [...upward, ...circles(root, imports)].map(show);
  });
}

/**
 * The tables under "Layers": one whose head is a folder, `src/`, has its folders row by row, the foundation last (a
 * file without a folder stands for all of them); the one headed "folder" has what else a folder must not import.
 */
function readLayers(text) {
  const section = /^## Layers$([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(text)?.[1] ?? "";
  const rows = {};
  const apart = {};
  let head;
  for (const line of section.split("\n")) {
    const cells = line.startsWith("|") ? line.split("|").slice(1, -1) : undefined;
    if (!cells) head = undefined;
    else if (head === undefined) head = foldersIn(cells[0])[0] ?? "folder";
    else if (/^[\s-]+$/.test(cells[0])) continue;
    else if (head === "folder") apart[foldersIn(cells[0])[0]] = foldersIn(cells[1]);
    else (rows[head] ??= []).push(foldersIn(cells[0]));
  }
  if (Object.keys(rows).length === 0) throw new Error("no table of layers under ## Layers");
  return { rows, apart };
}

/** `core/` in backticks is a folder; a file is `.`, the files that stand in no folder. */
function foldersIn(cell) {
  const names = [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
  return names.map((name) => (name.endsWith("/") ? name.slice(0, -1) : "."));
}

function sourcesIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name));
}

/** The files of this repository that a file imports or re-exports, with the lines. */
function importsOf(root, file) {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest);
  const found = [];
  const visit = (node) => {
    const specifier =
      ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
        ? node.moduleSpecifier
        : ts.isImportTypeNode(node)
          ? node.argument.literal
          : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
            ? node.arguments[0]
            : undefined;
    if (specifier && ts.isStringLiteral(specifier)) {
      const target = targetOf(root, file, specifier.text);
      const line = source.getLineAndCharacterOfPosition(specifier.getStart(source)).line + 1;
      if (target) found.push({ target, line, erased: isErased(node) });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Whether only types come in: such an import does not exist at run time. */
function isErased(node) {
  if (ts.isImportTypeNode(node)) return true;
  if (ts.isExportDeclaration(node)) {
    const names = node.exportClause;
    return node.isTypeOnly || (!!names && ts.isNamedExports(names) && areTypes(names.elements));
  }
  const clause = node.importClause;
  if (!clause) return false;
  const names = clause.namedBindings;
  return (
    clause.isTypeOnly ||
    (!clause.name && !!names && ts.isNamedImports(names) && areTypes(names.elements))
  );
}

function areTypes(elements) {
  return elements.length > 0 && elements.every(({ isTypeOnly }) => isTypeOnly);
}

function targetOf(root, file, specifier) {
  if (specifier in kernelAliases) return kernelAliases[specifier];
  if (!specifier.startsWith(".")) return undefined;
  const path = resolve(dirname(file), specifier).replace(/\.(js|ts)$/, "");
  return [`${path}.ts`, join(path, "index.ts")].find(existsSync) ?? `${path}.ts`;
}

function* upwardImports(top, rows, apart, imports) {
  const rowOf = new Map(rows.flatMap((row, i) => row.map((folder) => [folder, i])));
  const folderOf = (file) => {
    const inside = relative(top, file);
    return inside.includes("/") ? inside.split("/")[0] : ".";
  };
  const faultOf = (from, to) => {
    if (to === "..") return "leaves its tree";
    if (to === from) return undefined;
    if (apart[from]?.includes(to)) return `${from}/ must not need ${to}/`;
    return rowOf.get(to) > rowOf.get(from) ? undefined : `${to}/ is not below ${from}/`;
  };
  for (const [file, targets] of imports) {
    const from = folderOf(file);
    if (!rowOf.has(from)) {
      yield { file, line: 1, text: `${from}/ is in no layer` };
      continue;
    }
    for (const { target, line } of targets) {
      const fault = faultOf(from, folderOf(target));
      if (fault) yield { file, line, text: `imports ${relative(top, target)}: ${fault}` };
    }
  }
}

/** Each circle once, at the import that closes it. */
function* circles(root, imports) {
  const done = new Set();
  for (const start of imports.keys()) yield* walk(start, []);

  function* walk(file, path) {
    if (done.has(file)) return;
    for (const { target, line, erased } of imports.get(file) ?? []) {
      if (erased) continue;
      const trail = [...path, file];
      const back = trail.indexOf(target);
      if (back >= 0) {
        const names = [...trail.slice(back), target].map((each) => relative(root, each));
        yield { file, line, text: `imports in a circle: ${names.join(" -> ")}` };
      } else yield* walk(target, trail);
    }
    done.add(file);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const faults = checkLayers(fileURLToPath(new URL("..", import.meta.url)));
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exit(1);
}
