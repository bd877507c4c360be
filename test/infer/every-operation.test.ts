// Every operation and layer of the inference build computes what the plain build does, bit for bit: by the gradient
// check's cases, and by those of cases.ts.
import { describe, expect, it } from "vitest";
import * as main from "../../src/index.js";
import * as losses from "../../src/losses/index.js";
import * as nn from "../../src/nn/index.js";
import * as ops from "../../src/ops/index.js";
import { methods } from "../../src/ops/methods.js";
import { CASES } from "../gradcheck/cases/index.js";
import { recurrent } from "../gradcheck/cases/recurrent.js";
import { stacks } from "../gradcheck/cases/stacks.js";
import type { GradientCase } from "../gradcheck/check.js";
import { bundle, run } from "./bundle.js";
import { layers, numbers, plain, type Library } from "./cases.js";

type Gradients = Record<string, GradientCase[]>;

const infer = (await run(
  await bundle(`
    export * as index from "./src/infer/index.js";
    export * as nn from "./src/infer/nn/index.js";
    export * as ops from "./src/infer/ops/index.js";
    import { CASES } from "./test/gradcheck/cases/index.js";
    import { stacks } from "./test/gradcheck/cases/stacks.js";
    export const gradients = { ...CASES, ...stacks };
  `),
)) as { index: object; nn: object; ops: object; gradients: Gradients };

const trains: Library = { ...main, ...nn, ...ops };
const infers = { ...infer.index, ...infer.nn, ...infer.ops } as Library;
const gradients: Gradients = { ...CASES, ...stacks };

/** Why the inference build has no such case; undefined where it has. */
function missing(name: string, { inputs }: GradientCase): string | undefined {
  if (name in losses) return "no entry of it exports losses";
  if (name === "dropout" || (name in recurrent && "mask" in inputs)) return "it draws no masks";
  return undefined;
}

/** The result of a case, its tensors as their bits. */
function bitsOf(lib: Library, value: unknown): unknown {
  if (value instanceof lib.Tensor) {
    const { shape, dtype } = value;
    return { shape, dtype, bits: new Uint32Array(value.data().buffer) };
  }
  if (Array.isArray(value)) return value.map((each) => bitsOf(lib, each));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, bitsOf(lib, each)]));
}

function ofGradientCase(lib: Library, { inputs, module, run }: GradientCase): object {
  return lib.scope(() => {
    const layer = module?.().eval();
    const parameters = layer?.namedParameters();
    for (const [name, parameter] of parameters ?? []) parameter.set(inputs[name]!.data);
    const given = Object.entries(inputs).map(([name, { shape, data }]) => [
      name,
      parameters?.get(name) ?? lib.tensor(data, { shape }),
    ]);
    const outputs = run(Object.fromEntries(given) as Record<string, main.Tensor>, layer);
    return bitsOf(lib, outputs) as object;
  });
}

const same = Object.entries(gradients).map(
  ([name, all]) => [name, all.flatMap((each, i) => (missing(name, each) ? [] : [i]))] as const,
);

describe.each(same.filter(([, indices]) => indices.length > 0))("%s", (name, indices) => {
  it.each(indices)("has the same bits in case %d", (i) => {
    const [theirs, ours] = [infer.gradients[name]![i]!, gradients[name]![i]!];
    expect(ofGradientCase(infers, theirs)).toEqual(ofGradientCase(trains, ours));
  });
});

it.each(Object.entries(plain))("%s has the same bits", (_name, make) => {
  const [theirs, ours] = [infers, trains].map((lib) =>
    lib.scope(() => bitsOf(lib, make(lib)) as object),
  );
  expect(theirs).toEqual(ours);
});

it.each(Object.entries(layers))("%s has the same bits", (_name, make) => {
  const [theirs, ours] = [infers, trains].map((lib) => {
    return lib.scope(() => {
      const [layer, forward] = make(lib);
      layer.eval();
      [...layer.parameters()].forEach((parameter, i) => parameter.set(numbers(parameter.size, i)));
      return bitsOf(lib, forward()) as object;
    });
  });
  expect(theirs).toEqual(ours);
});

describe("the inference build's entries", () => {
  /** Functions on no tensors, and what only trains. */
  const OTHERS =
    /^(backend|buffer|init|initSync|memoryUsage|setLeakWarning|noGrad|scope|dropout|randLike|randnLike|\w+RngState|manualSeed|Module|Buffer|Parameter|Tensor|\w+Error|\w+Safetensors)$/;
  const exported = Object.entries({ ...infer.index, ...infer.nn, ...infer.ops });
  const names = [
    ...exported.filter(([, value]) => typeof value === "function").map(([name]) => name),
    ...Object.keys(methods).filter((name) => name !== "backward"),
  ];
  const covered = new Set([
    ...same.filter(([, indices]) => indices.length > 0).map(([name]) => name),
    ...Object.keys(plain),
    ...Object.keys(layers),
  ]);

  it.each([...new Set(names)].filter((name) => !OTHERS.test(name)))("have a case of %s", (name) => {
    expect(covered.has(name)).toBe(true);
  });
});
