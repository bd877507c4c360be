// What docs/adding-a-model.md promises, with its own code: a model and its task are a folder, a file, and two lines of lists.
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kernelAliases } from "../../scripts/kernel-modules.mjs";
import { bundleCli } from "../helpers/bundled-cli.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

let folder: string;
let cli: string;
/** The files that it adds and changes. */
const added = ["src/models/index.ts", "src/cli/tasks/index.ts"];

async function addLine(file: string, after: string, line: string): Promise<void> {
  const text = await readFile(file, "utf8");
  expect(text).toContain(after);
  await writeFile(file, text.replace(after, `${after}\n${line}`));
}

beforeAll(async () => {
  // Inside the repository, where its packages are found.
  folder = await mkdtemp(join(root, "build", "adding-"));
  const src = join(folder, "src");
  await cp(join(root, "src"), src, { recursive: true });
  await mkdir(join(src, "models/next-number"));
  const page = await readFile(join(root, "docs/adding-a-model.md"), "utf8");
  const files = [...page.matchAll(/^`(src\/.+\.ts)`\n\n```ts\n([\s\S]*?)^```$/gm)];
  expect(files).toHaveLength(3);
  for (const [, name, code] of files) await writeFile(join(folder, name!), code!);
  added.push(...files.map(([, name]) => name!));
  const lines = files.reduce((sum, [, , code]) => sum + code!.split("\n").length - 1, 0);
  expect(lines).toBeLessThan(300);
  await addLine(
    join(src, "models/index.ts"),
    'export * from "./classifier/index.js";',
    'export * from "./next-number/index.js";',
  );
  const tasks = join(src, "cli/tasks/index.ts");
  await addLine(
    tasks,
    'import { classifier } from "./classifier.js";',
    'import { nextNumber } from "./next-number.js";',
  );
  const list = await readFile(tasks, "utf8");
  await writeFile(tasks, list.replace(/,?\s*\];/, ", nextNumber];"));
  await writeFile(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      extends: "../../tsconfig.json",
      compilerOptions: {
        rootDir: ".",
        paths: { "#kernels/*": ["./src/wasm/generated/delivery/*.ts"] },
      },
      include: ["src"],
    }),
  );
  // Not the project's own, which says of files at other places that they have no side effects.
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  cli = join(folder, "cli.mjs");
  const alias = Object.entries(kernelAliases).map(([name, path]) => [
    name,
    path.replace(join(root, "src"), src),
  ]);
  await bundleCli(join(src, "cli/main.ts"), cli, Object.fromEntries(alias));
});
afterAll(() => rm(folder, { recursive: true }));

function run(args: readonly string[], input = "") {
  return spawnSync(process.execPath, [cli, ...args], { cwd: folder, input, encoding: "utf8" });
}

test("its types are right", () => {
  const config = ts.getParsedCommandLineOfConfigFile(join(folder, "tsconfig.json"), undefined, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: ({ messageText }) => expect.fail(String(messageText)),
  })!;
  const program = ts.createProgram(config.fileNames, { ...config.options, incremental: false });
  // What is added, and the lists that name it: the other files are the project's, which `npm run check` checks.
  const faults = added.flatMap((name) => {
    const source = program.getSourceFile(join(folder, name));
    return [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ].map(({ messageText }) => `${name}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`);
  });
  expect(added).toHaveLength(5);
  expect(faults).toEqual([]);
});

test("the command trains, evaluates and uses it", async () => {
  // Rising and falling by one a step.
  const rows = Array.from({ length: 60 }, (_, i) => {
    const step = i % 2 === 0 ? 1 : -1;
    const values = Array.from({ length: 4 + (i % 3) }, (_, t) => (i % 5) + step * t);
    return `${values.slice(0, -1).join(" ")},${values.at(-1)}\n`;
  });
  await writeFile(join(folder, "train.csv"), `values,next\n${rows.slice(0, 45).join("")}`);
  await writeFile(join(folder, "valid.csv"), `values,next\n${rows.slice(45).join("")}`);
  const trained = run([
    ...["train", "--task", "next-number", "--train", "train.csv", "--valid", "valid.csv"],
    ...["--columns", "series=values,next=next", "--epochs", "60", "--batch-size", "8"],
  ]);
  expect(trained.status).toBe(0);
  expect(trained.stderr).toContain("45 series to learn from.");
  expect(trained.stderr).toContain("Chosen for these data: --learning-rate 0.02.");
  expect(trained.stdout).toMatch(
    /^On valid.csv:\nmse [\d.]+, mae [\d.]+\nThe last value again: mse 1/m,
  );
  expect(trained.stdout).not.toContain("than this baseline");
  const report = JSON.parse(trained.stdout.trimEnd().split("\n").at(-1)!) as {
    validation: Record<string, number>;
  };
  expect(report.validation.mse).toBeLessThan(0.5);

  // The columns are those of the training, which the model's file remembers.
  const model = ["--model", "next-number.safetensors"];
  const scored = run(["evaluate", ...model, "--data", "valid.csv", "--json"]);
  expect(JSON.parse(scored.stdout)).toEqual({ ...report.validation, examples: 15 });
  const predicted = run(["predict", ...model], "1 2 3\n4 3 2 1\n");
  const [up, down] = predicted.stdout.trim().split("\n").map(Number);
  expect(Math.abs(up! - 4)).toBeLessThan(0.7);
  expect(Math.abs(down!)).toBeLessThan(0.7);

  await writeFile(join(folder, "odd.csv"), "values,next\n1 2,3\n1 x,3\n");
  const odd = run(["evaluate", ...model, "--data", "odd.csv"]);
  expect(odd.stderr).toMatch(/"values" to be a list of numbers.*"1 x" \(odd.csv, line 3\)/);
  expect(odd.status).toBe(1);
  expect(run(["--help"]).stdout).toMatch(/--task next-number --help +the number that a series/);
  const help = run(["train", "--task", "next-number", "--help"]).stdout;
  expect(help).toMatch(/--hidden-size <n> +size of the LSTM's state \(default: 16\)/);
});
