// Every operation and loss has its gradient check, or this suite fails.
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { methods } from "../../src/ops/methods.js";
import { CASES } from "./cases/index.js";
import { stacks } from "./cases/stacks.js";
import { checkGradients, type GradientCase } from "./check.js";

/** Operations without a gradient, and why. */
const NOT_DIFFERENTIABLE: Record<string, string> = {
  all: "gives 0 or 1",
  any: "gives 0 or 1",
  argmax: "gives positions",
  argmin: "gives positions",
  argsort: "gives positions",
  backward: "gives gradients",
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
  logUniformSampler: "draws classes",
  logicalAnd: "gives 0 or 1",
  logicalNot: "gives 0 or 1",
  logicalOr: "gives 0 or 1",
  makeCarry: "takes no tensor",
  multinomial: "draws positions",
  nonzero: "gives positions",
  notEqual: "gives 0 or 1",
  oneHot: "takes int32",
  onesLike: "reads no values",
  randLike: "reads no values",
  randnLike: "reads no values",
  remainder: "takes int32",
  round: "is constant but where it jumps",
  sinusoids: "takes no tensor",
  sign: "is constant but where it jumps",
  streamOf: "takes no tensor",
  zerosLike: "reads no values",
  to: "no gradient passes between dtypes",
  unigramSampler: "draws classes",
};

/** Folders whose files may define operations. */
const FOLDERS = ["ops/", "losses/", "nn/", "inspect/"];

/** Where users find functions on tensors, in lower case. Tensor's methods are the others. */
const ENTRIES = ["ops/index.ts", "losses/index.ts", "nn/index.ts"];

const root = new URL("../../src/", import.meta.url);

async function exportsOf(file: string): Promise<[string, unknown][]> {
  return Object.entries((await import(new URL(file, root).href)) as Record<string, unknown>);
}

/** Whether `defineOp` made it. */
function isOperation(value: unknown): boolean {
  return typeof value === "function" && "op" in value;
}

/** The names under which a file exports operations: functions that `defineOp` made, and records that hold one. */
async function operationsOf(file: string): Promise<string[]> {
  const exported = await exportsOf(file);
  return exported
    .filter(([name]) => name !== "methods") // of which each is named by itself
    .filter(([, value]) => isOperation(value) || Object.values(Object(value)).some(isOperation))
    .map(([name]) => name);
}

async function functionsOf(entry: string): Promise<string[]> {
  const exported = await exportsOf(entry);
  return exported
    .filter(([name, value]) => typeof value === "function" && /^[a-z]/.test(name))
    .map(([name]) => name);
}

describe("coverage", async () => {
  const files = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .filter((file) => FOLDERS.some((folder) => file.startsWith(folder)));
  const names = await Promise.all([...files.map(operationsOf), ...ENTRIES.map(functionsOf)]);
  const all = [...new Set([...names.flat(), ...Object.keys(methods)])].sort();

  it.each(all)("%s has gradient cases", (name) => {
    const covered = (CASES[name]?.length ?? 0) > 0;
    expect(covered || name in NOT_DIFFERENTIABLE).toBe(true);
  });

  it("names nothing that is not there", () => {
    const named = [...Object.keys(CASES), ...Object.keys(NOT_DIFFERENTIABLE)];
    expect(named.filter((name) => !all.includes(name))).toEqual([]);
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
