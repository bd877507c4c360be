// Every operation and loss has its gradient check, or this suite fails.
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { composed } from "./cases/composed.js";
import { crf } from "./cases/crf.js";
import { ctc } from "./cases/ctc.js";
import { elementwise } from "./cases/elementwise.js";
import { layers } from "./cases/layers.js";
import { losses } from "./cases/losses.js";
import { products } from "./cases/products.js";
import { recurrent } from "./cases/recurrent.js";
import { reductions } from "./cases/reductions.js";
import { sequences } from "./cases/sequences.js";
import { shape } from "./cases/shape.js";
import { stacks } from "./cases/stacks.js";
import { windowed } from "./cases/windows.js";
import { checkGradients, type GradientCase } from "./check.js";

const CASES: Record<string, GradientCase[]> = {
  ...composed,
  ...crf,
  ...ctc,
  ...elementwise,
  ...reductions,
  ...shape,
  ...products,
  ...layers,
  ...recurrent,
  ...losses,
  ...sequences,
  ...windowed,
};

/** Operations without a gradient, and why. */
const NOT_DIFFERENTIABLE: Record<string, string> = {
  all: "gives 0 or 1",
  any: "gives 0 or 1",
  argmax: "gives positions",
  argmin: "gives positions",
  argsort: "gives positions",
  causalMask: "gives 0 or 1",
  ceil: "is constant but where it jumps",
  equal: "gives 0 or 1",
  eye: "takes no tensor",
  floor: "is constant but where it jumps",
  floorDivide: "takes int32",
  greater: "gives 0 or 1",
  greaterEqual: "gives 0 or 1",
  isFinite: "gives 0 or 1",
  isNaN: "gives 0 or 1",
  less: "gives 0 or 1",
  lessEqual: "gives 0 or 1",
  linspace: "takes no tensor",
  logicalAnd: "gives 0 or 1",
  logicalNot: "gives 0 or 1",
  logicalOr: "gives 0 or 1",
  notEqual: "gives 0 or 1",
  oneHot: "takes int32",
  remainder: "takes int32",
  round: "is constant but where it jumps",
  sign: "is constant but where it jumps",
  to: "no gradient passes between dtypes",
};

/** Files that hold no operation but what operations are made of. */
const HELPER_FILES = [
  "losses/class-target.ts",
  "losses/reduction.ts",
  "ops/axes.ts",
  "ops/axis-runs.ts",
  "ops/bad-index.ts",
  "ops/broadcast.ts",
  "ops/check.ts",
  "ops/columns.ts",
  "ops/crf/viterbi.ts",
  "ops/crf/weights.ts",
  "ops/image-workspace.ts",
  "ops/lengths.ts",
  "ops/methods.ts",
  "ops/packed.ts",
  "ops/recurrent/cell.ts",
  "ops/recurrent/gradients.ts",
  "ops/recurrent/layer-backward.ts",
  "ops/recurrent/layer.ts",
  "ops/recurrent/run.ts",
  "ops/recurrent/weights.ts",
  "ops/strided.ts",
  "ops/sum-to.ts",
  "ops/weight-products.ts",
  "ops/window.ts",
];

/** The same, beside operations in one file. */
const HELPERS = [
  "accumulateWeightGradient",
  "biasGradients",
  "bothAllow",
  "crfMarginals",
  "checkEps",
  "elementwiseLoss",
  "mix",
  "requireSameShape",
  "rootOrZero",
];

const folders = ["ops", "losses"];
const files = folders.flatMap((folder) =>
  readdirSync(new URL(`../../src/${folder}`, import.meta.url), {
    recursive: true,
    encoding: "utf8",
  })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => `${folder}/${file}`),
);

async function exportsOf(file: string): Promise<string[]> {
  const url = new URL(`../../src/${file}`, import.meta.url).href;
  const module = (await import(url)) as Record<string, unknown>;
  return Object.keys(module).filter((name) => typeof module[name] === "function");
}

describe("coverage", async () => {
  const operations = await Promise.all(
    files.filter((file) => !HELPER_FILES.includes(file)).map(exportsOf),
  );
  const exported = operations.flat();

  it.each(exported.filter((name) => !HELPERS.includes(name)))("%s has gradient cases", (name) => {
    const covered = (CASES[name]?.length ?? 0) > 0;
    expect(covered || name in NOT_DIFFERENTIABLE).toBe(true);
  });

  it("names nothing that is not there", () => {
    const named = [...Object.keys(CASES), ...Object.keys(NOT_DIFFERENTIABLE), ...HELPERS];
    expect(named.filter((name) => !exported.includes(name))).toEqual([]);
    expect(HELPER_FILES.filter((file) => !files.includes(file))).toEqual([]);
  });
});

describe.each(Object.entries({ ...CASES, ...stacks }))("%s", (_, cases) => {
  it.each(cases.map((each, i) => [i, label(each), each] as const))(
    "%d: %s",
    (_index, _label, each) => checkGradients(each),
  );
});

/** `a [3, 5], b [5]`, the first few. */
function label({ inputs }: GradientCase): string {
  return Object.entries(inputs)
    .slice(0, 4)
    .map(([name, { shape }]) => `${name} [${shape.join(", ")}]`)
    .join(", ");
}
