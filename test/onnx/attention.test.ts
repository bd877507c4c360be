// Attention as one operator: the numbers of its nodes and of ONNX Runtime, their gradients, and what is left as it is.
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from "vitest";
import { readOnnx } from "../../src/onnx/index.js";
import { norms } from "../../src/onnx/operators/norms.js";
import { gradientsOf } from "./gradients.js";
import { attentionFile, PLAIN, type AttentionForm } from "./attention-graphs.js";
import { expectSame, runModel, runOrt, type Given } from "./ort.js";

/** Runs where weights are computed, not the kernel. */
let softmax: MockInstance;
beforeEach(() => void (softmax = vi.spyOn(norms["Softmax"]!, "run")));
afterEach(() => softmax.mockRestore());

const operators = (bytes: Uint8Array): string[] =>
  readOnnx(bytes).nodes_.map(({ opType }) => opType);

/** y of a form, and whether the kernel made it; after it was compared with the nodes' and, where that is asked, ONNX Runtime's. */
async function computed(form: AttentionForm, withOrt = true): Promise<boolean> {
  const { bytes, given } = attentionFile(form);
  const model = readOnnx(bytes);
  expect(operators(bytes)).toContain("Attention");
  softmax.mockClear();
  const got = runModel(model, given);
  const byKernel = softmax.mock.calls.length === 0;
  const apart = attentionFile({ ...form, outputs: ["w"] });
  expect(operators(apart.bytes)).toContain("Softmax");
  const nodes = runModel(readOnnx(apart.bytes), given);
  // Scores without a scale reach 30: their rounding alone, 30 · 2⁻²⁴, moves a weight by 2e-6.
  expectSame(got, { y: nodes["y"]! }, 5e-6);
  if (withOrt) expectSame(got, await runOrt(bytes, model, given));
  model.dispose();
  return byKernel;
}

const LAYOUTS = ["heads", "bmm", "plain"] as const;
const SCALES = ["scores times", "scores over", "query over", "roots of sizes", "none"] as const;

describe("softmax(scale · q kᵀ) · v by the kernel", () => {
  it.each(LAYOUTS.flatMap((layout) => SCALES.map((scale) => [layout, scale] as const)))(
    "%s, scale: %s",
    async (layout, scale) => {
      expect(await computed({ ...PLAIN, layout, scale })).toBe(true);
    },
  );

  it.each([11, 12, 13, 14, 15, 16, 17, 18])("opset %d", async (opset) => {
    for (const layout of LAYOUTS) expect(await computed({ ...PLAIN, layout, opset })).toBe(true);
  });

  it("the nodes are one, and transpositions none", () => {
    expect(operators(attentionFile({ ...PLAIN, scale: "roots of sizes" }).bytes)).toEqual([
      ...["MatMul", "Reshape", "MatMul", "Reshape", "MatMul", "Reshape"],
      ...["Shape", "Slice", "Cast", "Sqrt", "Div", "Sqrt"],
      ...["Attention", "Reshape"],
    ]);
  });
});

const { batch: B, heads: H, queries: T, keys: S } = PLAIN;
const NONE = -Infinity;
const filled = (length: number, f: (i: number) => number): number[] =>
  Array.from({ length }, (_, i) => f(i));
/** Each row of the batch sees fewer keys than the one before. */
const ofKeys = filled(B * S, (i) => Number(i % S < S - Math.floor(i / S) * 2));
const causal = filled(T * S, (i) => Number((i % S) - (S - T) <= Math.floor(i / S)));
const added = (seen: readonly number[], least = NONE): number[] =>
  seen.map((each) => (each ? 0 : least));

type Mask = AttentionForm["masks"][number];
const BY_KERNEL: Readonly<Record<string, readonly Mask[]>> = {
  "keys that count, added": [{ by: "added", shape: [B, 1, 1, S], data: added(ofKeys) }],
  "keys that count, -10 000": [{ by: "added", shape: [B, 1, 1, S], data: added(ofKeys, -1e4) }],
  "keys that count, by a condition": [{ by: "stays", shape: [B, 1, 1, S], data: ofKeys }],
  "keys that do not count": [
    { by: "goes", shape: [B, 1, 1, S], data: ofKeys.map((each) => 1 - each), least: -3.4e38 },
  ],
  causal: [{ by: "added", shape: [T, S], data: added(causal) }],
  "causal, by a condition": [{ by: "stays", shape: [1, 1, T, S], data: causal }],
  "causal, and keys that count": [
    { by: "added", shape: [T, S], data: added(causal) },
    { by: "stays", shape: [B, 1, 1, S], data: ofKeys },
  ],
  "any, of each head, and keys": [
    {
      by: "stays",
      shape: [B, H, T, S],
      data: filled(B * H * T * S, (i) => Number(i % S === 0 || (i * 7) % 3 === 0)),
    },
    { by: "stays", shape: [B, 1, 1, S], data: ofKeys, least: -1e9 },
  ],
  "nothing masked": [{ by: "added", shape: [1, 1, T, S], data: filled(T * S, () => 0) }],
  "of queries": [{ by: "added", shape: [B, 1, T, 1], data: filled(B * T, () => 0) }],
};

const BY_NODES: Readonly<Record<string, readonly Mask[]>> = {
  "other numbers": [
    { by: "added", shape: [1, H, T, S], data: filled(H * T * S, (i) => (i % 4) / 3 - 0.5) },
  ],
  "a score that is less, but counts": [{ by: "added", shape: [T, S], data: added(causal, -9) }],
  "a query that sees no key": [
    { by: "added", shape: [B, 1, 1, S], data: added(filled(B * S, (i) => Number(i >= S))) },
  ],
  "a query that sees no key, by the least number": [
    { by: "stays", shape: [T, S], data: filled(T * S, (i) => Number(i >= S)), least: -3.4e38 },
  ],
  "two masks that leave a query no key": [
    { by: "added", shape: [T, S], data: added(causal) },
    {
      by: "added",
      shape: [1, 1, 1, S],
      data: added(
        filled(S, (i) => Number(i === S - 1)),
        -1e30,
      ),
    },
  ],
};

describe("masks", () => {
  it.each(Object.entries(BY_KERNEL))("by the kernel: %s", async (_, masks) => {
    expect(await computed({ ...PLAIN, masks })).toBe(true);
  });

  it.each(Object.entries(BY_NODES))("by the nodes: %s", async (_, masks) => {
    expect(await computed({ ...PLAIN, masks })).toBe(false);
  });

  it("of [batch · heads, time, size], as PyTorch's bmm has them", async () => {
    const data = added(filled(B * H * S, (i) => Number(i % S < 3 + (i % 2))));
    const masks = [{ by: "added", shape: [B * H, 1, S], data }] as const;
    expect(await computed({ ...PLAIN, layout: "bmm", masks })).toBe(true);
  });

  it("weights that are no numbers become zeros, as the kernel's", async () => {
    const data = added(filled(B * S, (i) => Number(i >= S)));
    const masks = [{ by: "added", shape: [B, 1, 1, S], data }] as const;
    expect(await computed({ ...PLAIN, masks, clears: true })).toBe(true);
    const least = masks.map((mask) => ({ ...mask, data: mask.data.map((x) => (x ? -1e9 : 0)) }));
    expect(await computed({ ...PLAIN, masks: least, clears: true })).toBe(false);
  });

  it("a mask that changes is read again", () => {
    const masks = [{ by: "added", shape: [T, S], data: added(causal), learns: true }] as const;
    const { bytes, given } = attentionFile({ ...PLAIN, masks });
    const model = readOnnx(bytes);
    const before = runModel(model, given)["y"]!;
    const mask = model.stateDict().get("mask_0")!;
    mask.set(new Float32Array(T * S));
    softmax.mockClear();
    const after = runModel(model, given);
    expect(softmax).not.toHaveBeenCalled();
    expectSame(after, runModel(readOnnx(attentionFile(PLAIN).bytes), given), 2e-6);
    expect([...(after["y"]!.data as Float32Array)]).not.toEqual([...(before.data as Float32Array)]);
  });
});

it("any sizes, layouts and masks give what the nodes give", async () => {
  const forms = fc
    .record({
      ...{ batch: fc.integer({ min: 1, max: 3 }), heads: fc.integer({ min: 1, max: 4 }) },
      ...{ queries: fc.integer({ min: 1, max: 9 }), keys: fc.integer({ min: 1, max: 9 }) },
      size: fc.integer({ min: 1, max: 9 }),
      layout: fc.constantFrom(...LAYOUTS),
      scale: fc.constantFrom(...SCALES),
      opset: fc.integer({ min: 11, max: 18 }),
    })
    .chain((form) => {
      const { batch, heads, queries, keys, layout } = form;
      const leading =
        layout === "heads" ? [batch, heads] : layout === "bmm" ? [batch * heads] : [batch];
      const axes = [...leading, queries, keys];
      const mask = fc
        .record({
          by: fc.constantFrom("added" as const, "stays" as const, "goes" as const),
          shape: fc
            .tuple(...axes.map((n) => fc.constantFrom(1, n)))
            .chain((shape) => fc.nat(axes.length).map((from) => shape.slice(from))),
          least: fc.constantFrom(-Infinity, -1e4, -3.4e38),
          seed: fc.infiniteStream(fc.boolean()),
        })
        .map(({ by, shape, least, seed }): Mask => {
          const length = shape.reduce((all, n) => all * n, 1);
          const seen = [...seed.take(length)].map(Number);
          return { by, shape, least, data: by === "added" ? added(seen, least) : seen };
        });
      return fc.array(mask, { maxLength: 2 }).map((masks): AttentionForm => ({ ...form, masks }));
    });
  await fc.assert(
    fc.asyncProperty(forms, async (form) => void (await computed(form, false))),
    { numRuns: 60 },
  );
});

describe("is no attention", () => {
  it("where others read what is within", () => {
    for (const outputs of [["w"], ["s"], ["w", "s"]])
      expect(operators(attentionFile({ ...PLAIN, outputs }).bytes)).not.toContain("Attention");
    // What is mixed may be read before heads stand side by side: only the transposition behind is another node then.
    const { bytes, given } = attentionFile({ ...PLAIN, outputs: ["mixed"] });
    expect(operators(bytes).slice(-3)).toEqual(["Attention", "Transpose", "Reshape"]);
    const whole = runModel(readOnnx(attentionFile(PLAIN).bytes), given);
    expectSame({ y: runModel(readOnnx(bytes), given)["y"]! }, whole, 1e-6);
  });

  it("where the softmax is over other axes", async () => {
    const { bytes, given } = attentionFile({ ...PLAIN, keys: 5, axis: 2 });
    expect(operators(bytes)).not.toContain("Attention");
    const model = readOnnx(bytes);
    expectSame(runModel(model, given), await runOrt(bytes, model, given));
  });
});

/** Gradients of all parameters and of x, of a weighted sum of y. */
function gradients(form: AttentionForm): Record<string, Given> {
  const { bytes, given } = attentionFile(form);
  return gradientsOf(bytes, given);
}

describe("gradients are those of the nodes", () => {
  it.each([
    ["heads", PLAIN],
    ["bmm, keys that count", { ...PLAIN, layout: "bmm", scale: "query over" }],
    ["one head, causal", { ...PLAIN, layout: "plain", masks: BY_KERNEL["causal"]! }],
    [
      "roots, keys that count",
      { ...PLAIN, scale: "roots of sizes", masks: BY_KERNEL["keys that count, added"]! },
    ],
  ] as [string, AttentionForm][])("%s", (_, form) => {
    softmax.mockClear();
    const got = gradients(form);
    expect(softmax).not.toHaveBeenCalled();
    expectSame(got, gradients({ ...form, outputs: ["w"] }), 1e-5);
    expect(softmax).toHaveBeenCalled();
  });

  it("a mask that learns has one", () => {
    const data = filled(H * T * S, () => 0);
    const masks = [{ by: "added", shape: [H, T, S], data, learns: true }] as const;
    const got = gradients({ ...PLAIN, masks });
    expect([...got["mask_0"]!.data].some((each) => Math.abs(each) > 1e-4)).toBe(true);
    expectSame(got, gradients({ ...PLAIN, masks, outputs: ["w"] }), 1e-5);
  });
});
