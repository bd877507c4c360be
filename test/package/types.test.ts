// The declarations as users' compilers see them.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { entries, manifest } from "../../scripts/package-entries.mjs";
import { compilers, installCompilers } from "./compilers.js";
import { optionsWithoutUndefined } from "./undefined-options.js";

const app = inject("app");
const root = fileURLToPath(new URL("../..", import.meta.url));
const consumer = join(app, "typescript");
const dist = join(app, "node_modules/hiddenstate/dist");

const CONSUMER = `
import { backend, LSTM, saveSafetensors, SGD, tensor, type Tensor } from "hiddenstate";
import { fit } from "hiddenstate/train";
import { loadSafetensors } from "hiddenstate/io";
import { StreamWindows } from "hiddenstate/data";
const lstm = new LSTM(2, 3, { bidirectional: true });
const { output, state } = lstm.forward(tensor([[[1, 2]]]));
const h: Tensor = state.h;
export const build: "plain" | "relaxed" = backend().build;
// Bytes are bytes in every version, not \`any\`.
export const bytes: Uint8Array = saveSafetensors(lstm.stateDict());
// @ts-expect-error
export const text: string = saveSafetensors(lstm.stateDict());
export const run = (signal: { aborted: boolean; reason: unknown }) =>
  fit({ model: lstm, optimizer: new SGD(lstm.parameters(), { lr: 1 }), batches: [h], epochs: 1, signal, step: (x) => x.sum() });
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
  installCompilers();
  mkdirSync(join(consumer, "node_modules"), { recursive: true });
  symlinkSync(join(root, "node_modules/@types"), join(consumer, "node_modules/@types"));
});

/** What a program's TypeScript knows of its platform, and the entries that ask for the other one. */
const PLATFORMS = [
  { platform: "browsers", lib: ["es2022", "dom"], types: [], without: ["node"] },
  { platform: "Node", lib: ["es2022"], types: ["node"], without: ["browser"] },
  { platform: "no platform", lib: ["es2022"], types: [], without: ["node", "browser"] },
];

describe.each(compilers)("compile by TypeScript $version, libraries checked too,", (compiler) => {
  const { tsc, oldestOrNewest } = compiler;
  it.each(oldestOrNewest ? PLATFORMS : PLATFORMS.slice(0, 1))("for $platform", (compiled) => {
    const { platform, lib, types, without } = compiled;
    const all = entries
      .filter(({ name }) => !without.some((entry) => name === `hiddenstate/${entry}`))
      .map(({ name }, i) => `export * as entry${i} from "${name}";`);
    const programs = { "program.ts": CONSUMER + all.join("\n"), "inference.ts": INFERENCE };
    for (const [name, text] of Object.entries(programs)) writeFileSync(join(consumer, name), text);
    const resolution =
      platform === "Node"
        ? { module: "nodenext", moduleResolution: "nodenext" }
        : { module: "esnext", moduleResolution: "bundler" };
    const compilerOptions = {
      ...{ strict: true, noEmit: true, skipLibCheck: false, exactOptionalPropertyTypes: true },
      ...{ target: "es2022", ...resolution, lib, types },
    };
    const project = { compilerOptions, files: Object.keys(programs) };
    writeFileSync(join(consumer, "tsconfig.json"), JSON.stringify(project));
    expect(run([tsc, "--pretty", "false", "-p", "."], consumer)).toBe("");
  });
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

it("take undefined for every option that may be missing", () => {
  const declarations = entries.map(({ output }) => join(dist, output.replace(/\.js$/, ".d.ts")));
  const { looked, faults } = optionsWithoutUndefined(declarations, dist, {
    ...{ strict: true, noEmit: true, skipLibCheck: true, types: [] },
    lib: ["lib.es2023.d.ts", "lib.dom.d.ts", "lib.esnext.disposable.d.ts"],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  });
  expect(looked).toBeGreaterThan(300);
  expect(faults).toEqual([]);
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

function tool(file: string, args: readonly string[]): string {
  return run([join(root, "node_modules", file), ...args], dirname(app));
}

/** Runs a Node program and gives what it prints; throws that where it fails. */
function run(args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(stdout + stderr);
  return stdout;
}
