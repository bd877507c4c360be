// The floors: a folder imports only from folders on rows above its own, be it only types; and no
// file depends on itself in a circle when it runs (imports of types alone are gone by then).
//   node scripts/check-floors.mjs
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { kernelAliases } from "./kernel-modules.mjs";

/** Rows from the top down. `.` is the files that stand in no folder. */
const FLOORS = {
  assembly: ["simd", "gemm", "ops", "rnn loss optim", ".", "structured"],
  src: [
    ...["core", "wasm", "tensor", "autograd", "ops", "losses nn", "text data metrics"],
    ...["optim decode", "io", "train inspect", "models", "infer", ".", "platform", "cli"],
  ],
};
/** Reachable by row, yet kept apart: what handles text and data must not bring the layers along. */
const APART = { text: ["losses", "nn"], data: ["losses", "nn"], metrics: ["losses", "nn"] };

/** Every violation under `root`, as `file:line: what is wrong`. */
export function checkFloors(root) {
  return Object.keys(FLOORS).flatMap((top) => {
    const files = sourcesIn(join(root, top));
    const imports = new Map(files.map((file) => [file, importsOf(root, file)]));
    const show = ({ file, line, text }) => `${relative(root, file)}:${line}: ${text}`;
    return [...upward(join(root, top), FLOORS[top], imports), ...circles(root, imports)].map(show);
  });
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

function* upward(top, rows, imports) {
  const rowOf = new Map(rows.flatMap((row, i) => row.split(" ").map((folder) => [folder, i])));
  const folderOf = (file) => {
    const inside = relative(top, file);
    return inside.includes("/") ? inside.split("/")[0] : ".";
  };
  for (const [file, targets] of imports) {
    const from = folderOf(file);
    if (!rowOf.has(from)) {
      yield { file, line: 1, text: `${from}/ stands on no floor` };
      continue;
    }
    for (const { target, line } of targets) {
      const to = folderOf(target);
      const fault =
        to === ".."
          ? "leaves its tree"
          : to === from
            ? undefined
            : APART[from]?.includes(to)
              ? `${from}/ must not need ${to}/`
              : rowOf.get(to) < rowOf.get(from)
                ? undefined
                : `${to}/ is not above ${from}/`;
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
  const faults = checkFloors(fileURLToPath(new URL("..", import.meta.url)));
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exit(1);
}
