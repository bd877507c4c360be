// What bundlers make of an application that needs little: it works, and the rest is left out.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { rolldown } from "rolldown";
import { beforeAll, describe, expect, inject, it } from "vitest";

const app = inject("app");
const entry = join(app, "little.mjs");
const LITTLE = `import { LSTM, tensor } from "hiddenstate";
const { output } = new LSTM(2, 3).forward(tensor([[[1, 2]]]));
console.log(output.add(1).shape.join());`;

beforeAll(() => writeFileSync(entry, LITTLE));

const bundlers: Record<string, (entry: string) => Promise<string>> = {
  async esbuild(entry) {
    const { outputFiles } = await esbuild.build({
      entryPoints: [entry],
      bundle: true,
      format: "esm",
      write: false,
    });
    return outputFiles[0]!.text;
  },
  async rolldown(entry) {
    const bundle = await rolldown({ input: entry });
    const { output } = await bundle.generate({ format: "esm" });
    await bundle.close();
    return output[0].code;
  },
};

describe.each(Object.keys(bundlers))("bundled by %s", (name) => {
  let code: string;
  beforeAll(async () => {
    code = await bundlers[name]!(entry);
  });

  it("is one file that runs by itself", () => {
    mkdirSync(join(app, "alone"), { recursive: true });
    const file = join(app, "alone", `${name}.mjs`);
    writeFileSync(file, code);
    expect(execFileSync(process.execPath, [file], { encoding: "utf8" }).trim()).toBe("1,1,3");
  });

  it.each([
    ...["crossEntropy", "nllLoss", "binaryCrossEntropyWithLogits", "embedding", "conv1d"],
    ...["gather", "maximum"],
  ])("leaves out the unused operation %s", (operation) => {
    expect(code).not.toMatch(new RegExp(`name: ?"${operation}"`));
  });

  it.each(["Adam", "SGD", "Embedding", "Sequential", "JsonScanner"])(
    "leaves out the unused class %s",
    (unused) => {
      expect(code).not.toMatch(new RegExp(`(class|var|let|const) _?${unused}\\b`));
    },
  );
});

const NAMES = `import { Adam, LSTM, Linear, Sequential, ShapeError, tensor } from "hiddenstate";
import { JordanCell, Softplus } from "hiddenstate/nn";
const model = new Sequential(new Linear(2, 3), new LSTM(3, 4), new Softplus());
const errorOf = (call) => {
  try {
    call();
  } catch (error) {
    return [error.name, String(error), error instanceof ShapeError];
  }
};
const errors = [() => new Linear(2, 3).forward(tensor([1, 2, 3])), () => new Adam([])].map(errorOf);
console.log(JSON.stringify([String(model), JordanCell.name, errors]));`;

// Vite minifies by Rolldown, or by esbuild where its user says so.
describe.each<[string, (entry: string) => Promise<string>]>([
  [
    "esbuild",
    async (entry) => {
      const options = { entryPoints: [entry], bundle: true, minify: true };
      const { outputFiles } = await esbuild.build({ ...options, format: "esm", write: false });
      return outputFiles[0]!.text;
    },
  ],
  [
    "rolldown",
    async (entry) => {
      const bundle = await rolldown({ input: entry });
      const { output } = await bundle.generate({ format: "esm", minify: true });
      await bundle.close();
      return output[0].code;
    },
  ],
])("minified by %s", (name, minified) => {
  it("prints modules and errors by their names", async () => {
    const written = join(app, `names-${name}.mjs`);
    writeFileSync(written, NAMES);
    const code = await minified(written);
    expect(code).not.toMatch(/class (Linear|ShapeError|JordanCell)\b/);
    const file = join(app, "alone", `names-${name}.mjs`);
    mkdirSync(join(app, "alone"), { recursive: true });
    writeFileSync(file, code);
    const said = JSON.parse(execFileSync(process.execPath, [file], { encoding: "utf8" }));
    expect(said).toEqual([
      "Sequential(\n  (0): Linear(2, 3)\n  (1): LSTM(3, 4)\n  (2): Softplus(beta=1, threshold=20)\n)",
      "JordanCell",
      [
        ["ShapeError", expect.stringMatching(/^ShapeError: linear: expected input/), true],
        ["OptionError", expect.stringMatching(/^OptionError: Adam: expected at least one/), false],
      ],
    ]);
  });
});

describe.each([
  ["a loss", `import { crossEntropy as used } from "hiddenstate";`],
  ["a loss of another entry", `import { klDivLoss as used } from "hiddenstate/losses";`],
  ["an operation", `import { softmax as used } from "hiddenstate";`],
  ["a sampler", `import { Sampler as used } from "hiddenstate/decode";`],
])("%s alone", (name, importing) => {
  const file = join(app, `${name.replaceAll(" ", "-")}.mjs`);
  beforeAll(() => writeFileSync(file, `${importing}\nconsole.log(used);`));

  it.each(Object.keys(bundlers))("pulls no layer, model, optimizer or file, by %s", async (by) => {
    const code = await bundlers[by]!(file);
    const has = (name: string) => new RegExp(`(class|var|let|const) _?${name}\\b`).test(code);
    expect(has("Tensor")).toBe(true);
    const others = ["Module", "Linear", "LSTM", "LanguageModel", "Adam", "JsonScanner"];
    expect(others.filter(has)).toEqual([]);
  });
});

it("keeps the kernels apart for Workers, as imports of .wasm files", async () => {
  const { metafile, outputFiles } = await esbuild.build({
    entryPoints: [entry],
    bundle: true,
    format: "esm",
    conditions: ["workerd", "worker", "browser"],
    external: ["*.wasm"],
    metafile: true,
    write: false,
  });
  const inputs = Object.keys(metafile.inputs);
  expect(inputs.filter((file) => file.includes("dist/kernels/"))).toEqual([
    expect.stringMatching(/main\.workerd\.js$/),
  ]);
  expect(outputFiles[0]!.text).toMatch(/from "\.\/main\.wasm"/);
});

it("takes the plain kernels alone for middleware, as a ?module import", async () => {
  const { outputFiles } = await esbuild.build({
    entryPoints: [entry],
    bundle: true,
    format: "esm",
    conditions: ["edge-light"],
    external: ["*.wasm?module"],
    write: false,
  });
  const imports = [...outputFiles[0]!.text.matchAll(/^import .* from "(.*)"/gm)];
  expect(imports.map(([, path]) => path)).toEqual(["./main.wasm?module"]);
});
