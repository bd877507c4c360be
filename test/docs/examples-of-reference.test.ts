// Every @example of the API reference is strict TypeScript, runs against the built package, and gives what a comment says.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, expect, test } from "vitest";
import { entries } from "../../scripts/package-entries.mjs";
import { root } from "./blocks.js";
import { strictFaults } from "./strict.js";

interface Example {
  readonly file: string;
  readonly line: number;
  readonly code: string;
}

const examples: readonly Example[] = readdirSync(join(root, "src"), {
  recursive: true,
  encoding: "utf8",
})
  .filter((name) => name.endsWith(".ts"))
  .flatMap((name) => {
    const text = readFileSync(join(root, "src", name), "utf8");
    return [...text.matchAll(/^( *)\* @example\n +\* ```ts\n([\s\S]*?)^ +\* ```$/gm)].map(
      ({ 2: body, index }) => ({
        file: `src/${name}`,
        line: text.slice(0, index).split("\n").length,
        code: body!.replaceAll(/^ +\* ?/gm, ""),
      }),
    );
  });

/** Where each public name is imported from: the first entry that has it. */
const entryOf = new Map<string, string>();
for (const { name, output } of entries) {
  if (/infer/.test(name)) continue;
  const declarations = join(root, "dist", output.replace(/\.js$/, ".d.ts"));
  for (const each of namesIn(declarations)) if (!entryOf.has(each)) entryOf.set(each, name);
}

function namesIn(declarations: string): string[] {
  const text = readFileSync(declarations, "utf8");
  const source = ts.createSourceFile(declarations, text, ts.ScriptTarget.Latest, true);
  return source.statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement)) {
      const { exportClause, moduleSpecifier } = statement;
      if (exportClause && ts.isNamedExports(exportClause))
        return exportClause.elements.map(({ name }) => name.text);
      const from = (moduleSpecifier as ts.StringLiteral).text.replace(/\.js$/, ".d.ts");
      return exportClause ? [exportClause.name.text] : namesIn(join(declarations, "..", from));
    }
    const exported = ts.canHaveModifiers(statement) && ts.getModifiers(statement);
    if (!exported || !exported.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
    return "name" in statement && statement.name ? [(statement.name as ts.Identifier).text] : [];
  });
}

/** With the imports of what it uses, and a check of each value that a comment behind an expression says. */
function moduleOf({ code }: Example): string {
  const source = ts.createSourceFile("example.ts", code, ts.ScriptTarget.Latest, true);
  const used = new Map<string, Set<string>>();
  const declared = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) || ts.isBindingElement(node) || ts.isParameter(node))
      declared.add(node.name.getText());
    if (ts.isIdentifier(node) && !isMember(node)) {
      const entry = entryOf.get(node.text);
      if (entry) used.set(entry, (used.get(entry) ?? new Set()).add(node.text));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  const imports = [...used].map(([entry, names]) => {
    const imported = [...names].filter((name) => !declared.has(name));
    return `import { ${imported.join(", ")} } from "${entry}";\n`;
  });
  const checked = code.replaceAll(
    /^( *)(?!const |let |for |\/\/)(.+?); \/\/ ((?:[[{"]|-?\d|true$|false$).*)$/gm,
    (_, indent, expression, value) => `${indent}says(${expression}, ${JSON.stringify(value)});`,
  );
  return `${imports.join("")}declare function says(value: unknown, said: string): void;\n${checked}\nexport {};\n`;
}

function isMember(node: ts.Identifier): boolean {
  const { parent } = node;
  return (
    (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    (ts.isPropertyAssignment(parent) && parent.name === node) ||
    (ts.isPropertyDeclaration(parent) && parent.name === node)
  );
}

const modules = new Map(
  examples.map((example) => [`${example.file}:${example.line}`, moduleOf(example)]),
);
// Inside the repository, so that `hiddenstate` resolves to the package itself.
const folder = mkdtempSync(join(root, "build", "examples-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Every public class but those of errors, and those that only others make: kinds of modules, and what files hold. */
const NOT_MADE_BY_USERS = new RegExp(
  "Error$|^(Buffer|StepModule|ReadyModel|TaskModel|Recurrent|RecurrentLayer|KerasLayer|KerasModel)$|" +
    "^(Attributes|PythonGlobal|PythonObject|TorchTensor)$",
);

test("every public class has one", () => {
  const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(root, "src", name), "utf8"));
  const classes = sources.flatMap((text) => [
    ...text.matchAll(/(^\/\*\*(?:(?!\*\/)[\s\S])*?\*\/\n)?^export (?:abstract )?class (\w+)/gm),
  ]);
  const lacking = classes
    .filter(([, comment, name]) => entryOf.has(name!) && !comment?.includes("@example"))
    .map(([, , name]) => name!)
    .filter((name) => !NOT_MADE_BY_USERS.test(name));
  expect(classes.length).toBeGreaterThan(80);
  expect(lacking).toEqual([]);
});

test("each is strict TypeScript", { timeout: 120_000 }, () =>
  expect(strictFaults(modules)).toEqual([]),
);

test("each runs, and gives what it says", { timeout: 120_000 }, () => {
  // Browsers' own, such as IndexedDB, is not there.
  const runnable = [...modules].filter(([place]) => !place.startsWith("src/platform/browser"));
  const names = runnable.map(([place, code], i) => {
    const { outputText } = ts.transpileModule(code, {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    });
    writeFileSync(join(folder, `${i}.mjs`), outputText);
    return [place, `./${i}.mjs`];
  });
  writeFileSync(join(folder, "all.mjs"), programOf(names));
  mkdirSync(join(folder, "written"));
  const output = execFileSync(process.execPath, [join(folder, "all.mjs")], {
    cwd: join(folder, "written"),
    encoding: "utf8",
  });
  expect(JSON.parse(output.trim().split("\n").at(-1)!)).toEqual([]);
});

/** Runs each module and prints, at last, what was not as it says. */
function programOf(names: string[][]): string {
  return `import { inspect } from "node:util";
import { initSync } from "hiddenstate";
initSync({ build: "plain" });
const faults = [];
let place;
const compact = (text) => text.replaceAll(/\\s+/g, "").replaceAll("'", '"');
globalThis.says = (value, said) => {
  const shown = inspect(value, { depth: 9, breakLength: Infinity });
  if (compact(shown) !== compact(said)) faults.push(place + ": says " + said + ", gives " + shown);
};
for (const [name, file] of ${JSON.stringify(names)}) {
  place = name;
  await import(file).catch((error) => faults.push(name + ": " + error));
}
console.log();
console.log(JSON.stringify(faults));
`;
}
