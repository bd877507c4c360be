// The declarations as users' compilers see them.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { beforeAll, expect, inject, it } from "vitest";
import { entries, manifest } from "../../scripts/package-entries.mjs";

const app = inject("app");
const root = fileURLToPath(new URL("../..", import.meta.url));
const consumer = join(app, "typescript");
const dist = join(app, "node_modules/hiddenstate/dist");

const CONSUMER = `
import { backend, LSTM, tensor, type Tensor } from "hiddenstate";
import { loadSafetensors } from "hiddenstate/io";
import { StreamWindows } from "hiddenstate/data";
const lstm = new LSTM(2, 3, { bidirectional: true });
const { output, state } = lstm.forward(tensor([[[1, 2]]]));
const h: Tensor = state.h;
export const build: "plain" | "relaxed" = backend().build;
export { loadSafetensors, StreamWindows, output, h };
`;

const INFERENCE = `
import { loadSafetensors, LSTM, scope, tensor, type LSTMState, type Tensor } from "hiddenstate/infer";
import { LanguageModel, SequenceTagger, type Tagging } from "hiddenstate/infer/models";
const lstm = new LSTM(2, 3);
lstm.loadStateDict(loadSafetensors(new Uint8Array(8)));
const { output, state } = lstm.forward(tensor([[[1, 2]]]));
const next: { output: Tensor; state: LSTMState } = lstm.step(tensor([[1, 2]]), state);
const stream = lstm.stream({ batch: 1 });
const pushed: Float32Array = stream.push(Float32Array.of(1, 2));
const copy = scope(() => output.add(1));
const tagger = SequenceTagger.load<"B" | "O">(new Uint8Array(8), { labels: ["B", "O"] });
const said: Tagging<"B" | "O"> = tagger.predict("Ada Lovelace");
const text: string = [...LanguageModel.load(new Uint8Array(8)).generate("a")].join("");
// What trains is in the types, and throws when it runs: one set of declarations serves both builds.
output.sum().backward();
const trained: Promise<unknown> = tagger.fit([]);
export { copy, next, pushed, said, text, trained };
`;

beforeAll(() => {
  mkdirSync(join(consumer, "node_modules"), { recursive: true });
  symlinkSync(join(root, "node_modules/@types"), join(consumer, "node_modules/@types"));
});

it.each([
  ["a browser, bundled", { lib: ["lib.es2022.d.ts", "lib.dom.d.ts"], types: [] }, "Bundler"],
  ["Node, without the DOM", { lib: ["lib.es2022.d.ts"], types: ["node"] }, "NodeNext"],
] as const)("compile for %s, libraries checked too", (_, { lib, types }, resolution) => {
  const foreign = resolution === "NodeNext" ? "hiddenstate/browser" : "hiddenstate/node";
  const all = entries
    .filter(({ name }) => name !== foreign)
    .map(({ name }, i) => `export * as entry${i} from "${name}";`);
  const programs = { "program.ts": CONSUMER + all.join("\n"), "inference.ts": INFERENCE };
  const files = Object.entries(programs).map(([name, text]) => {
    writeFileSync(join(consumer, name), text);
    return join(consumer, name);
  });
  const program = ts.createProgram(files, {
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    exactOptionalPropertyTypes: true,
    target: ts.ScriptTarget.ES2022,
    module: resolution === "NodeNext" ? ts.ModuleKind.NodeNext : ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind[resolution],
    lib: [...lib],
    types: [...types],
    typeRoots: [join(consumer, "node_modules/@types")],
  });
  expect(messages(ts.getPreEmitDiagnostics(program))).toEqual([]);
});

it("hold no any and nothing internal", () => {
  const files = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".d.ts"),
  );
  expect(files.length).toBeGreaterThan(20);
  const found: string[] = [];
  for (const file of files) {
    const text = readFileSync(join(dist, file), "utf8");
    if (/@internal/.test(text)) found.push(`${file}: @internal`);
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    const visit = (node: ts.Node): void => {
      if (node.kind === ts.SyntaxKind.AnyKeyword) found.push(`${file}: ${node.parent.getText()}`);
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  expect(found).toEqual([]);
});

it("pass publint", () => {
  expect(() => tool("publint/src/cli.js", ["--strict", inject("tarball")])).not.toThrow();
});

it("resolve as the code does, by attw", () => {
  const assets = Object.entries(manifest.exports)
    .filter(([, target]) => typeof target === "string")
    .map(([subpath]) => subpath.slice(2));
  const args = [inject("tarball"), "--profile", "esm-only", "--exclude-entrypoints", ...assets];
  expect(() => tool("@arethetypeswrong/cli/dist/index.js", args)).not.toThrow();
});

function tool(file: string, args: readonly string[]): void {
  const path = join(root, "node_modules", file);
  try {
    execFileSync(process.execPath, [path, ...args], { cwd: dirname(app), stdio: "pipe" });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: Buffer; stderr: Buffer };
    throw new Error(`${stdout}${stderr}`, { cause: error });
  }
}

function messages(diagnostics: readonly ts.Diagnostic[]): string[] {
  return diagnostics.map(({ file, start, messageText }) => {
    const text = ts.flattenDiagnosticMessageText(messageText, "\n");
    if (!file) return text;
    const { line } = file.getLineAndCharacterOfPosition(start ?? 0);
    return `${file.fileName}:${line + 1}: ${text}`;
  });
}
