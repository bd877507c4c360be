// Recurrent nodes with the transpositions, merged directions and states of zeros around them: one node, with the numbers of all.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readOnnx } from "../../src/onnx/index.js";
import { file, FLOAT, floats, INT32, ints, node as anyNode, value } from "./build.js";
import { gradientsOf } from "./gradients.js";
import { expectSame, list, numbers, runModel, runOrt, type Given } from "./ort.js";

const GATES = { RNN: 1, LSTM: 4, GRU: 3 } as const;

interface Form {
  readonly kind: keyof typeof GATES;
  readonly batch: number;
  readonly time: number;
  readonly direction: "forward" | "reverse" | "bidirectional";
  readonly layers: number;
  readonly lengths?: boolean | undefined;
  /** Zeros made of the batch's size, expanded or filled; cut for each layer. */
  readonly zeros?: "Expand" | "ConstantOfShape" | undefined;
  /** How directions come together: in PyTorch's order, or in TensorFlow's. */
  readonly merges?: "time first" | "batch first" | undefined;
  /** Names of values that are outputs too: `Y0` of the first node, `squeezed`, `h`. */
  readonly outputs?: readonly string[] | undefined;
  readonly attributes?: Parameters<typeof anyNode>[3] | undefined;
}

const PLAIN: Form = {
  ...{ kind: "LSTM", batch: 3, time: 5, direction: "forward", layers: 1 },
};
const [I, SIZE] = [4, 6];

/** A batch-first network, as PyTorch's exporter writes it for a batch and a time that may change. */
function recurrentFile(form: Form): { bytes: Uint8Array; given: Record<string, Given> } {
  const { kind, batch, time, direction, layers, lengths, zeros, merges = "time first" } = form;
  const D = direction === "bidirectional" ? 2 : 1;
  const nodes: ReturnType<typeof anyNode>[] = [];
  const initializer: ReturnType<typeof floats>[] = [];
  let count = 0;
  const node = (
    type: string,
    inputs: string[],
    attributes: Parameters<typeof anyNode>[3] = {},
    outputs = [`${type}_${count++}`],
  ): string => {
    nodes.push({ ...anyNode(type, inputs, outputs, attributes), name: `${outputs[0]}_node` });
    return outputs[0]!;
  };
  const whole = (...values: number[]): string => {
    const name = `i_${count++}`;
    initializer.push(ints(name, values));
    return name;
  };
  const weight = (name: string, ...shape: number[]): string => {
    const values = [...numbers(...shape).data].map((x, i) => x * (0.5 + 0.05 * (i % 7)));
    initializer.push(floats(name, shape, values));
    return name;
  };
  let zero = "";
  if (zeros) {
    const rows = node("Gather", [node("Shape", ["x"]), whole(0)], { axis: 0 });
    const shape = node("Concat", [whole(layers * D), rows, whole(SIZE)], { axis: 0 });
    initializer.push(floats("nought", [], [0]));
    zero = zeros === "Expand" ? node("Expand", ["nought", shape]) : node(zeros, [shape]);
  }
  let x = node("Transpose", ["x"], { perm: [1, 0, 2] });
  let first = false;
  for (let layer = 0; layer < layers; layer++) {
    const features = layer ? D * SIZE : I;
    const G = GATES[kind];
    const state = zero && node("Slice", [zero, whole(layer * D), whole((layer + 1) * D), whole(0)]);
    const Y = `Y${layer}`;
    node(
      kind,
      [
        ...(first ? [node("Transpose", [x], { perm: [1, 0, 2] })] : [x]),
        weight(`W${layer}`, D, G * SIZE, features),
        weight(`R${layer}`, D, G * SIZE, SIZE),
        weight(`B${layer}`, D, 2 * G * SIZE),
        lengths ? "lengths" : "",
        state,
        ...(kind === "LSTM" ? [state] : []),
      ],
      { hidden_size: SIZE, direction, ...form.attributes },
      [Y, ...(layer === layers - 1 ? ["h"] : [])],
    );
    first = merges === "batch first" && D === 2;
    if (D === 1) x = node("Squeeze", [Y, whole(1)], {}, ["squeezed".repeat(layer + 1)]);
    else {
      const turned = node("Transpose", [Y], { perm: first ? [2, 0, 1, 3] : [0, 2, 1, 3] });
      x = node("Reshape", [turned, whole(0, 0, -1)]);
    }
  }
  if (first) node("Identity", [x], {}, ["y"]);
  else node("Transpose", [x], { perm: [1, 0, 2] }, ["y"]);
  const given: Record<string, Given> = { x: numbers(batch, time, I) };
  if (lengths)
    given["lengths"] = list(...Array.from({ length: batch }, (_, i) => Math.max(1, time - i)));
  const bytes = file({
    node: nodes,
    initializer,
    input: [
      value("x", FLOAT, ["batch", "time", I]),
      ...(lengths ? [value("lengths", INT32, ["batch"])] : []),
    ],
    output: ["y", ...(form.outputs ?? [])].map((name) => ({
      name,
      type: { tensorType: { elemType: FLOAT } },
    })),
  });
  return { bytes, given };
}

const operators = (bytes: Uint8Array): string[] =>
  readOnnx(bytes).nodes_.map(({ opType }) => opType);

/** The operators of a form's graph, after its numbers were compared with those of the nodes, and ONNX Runtime's. */
async function computed(form: Form, withOrt = true): Promise<string[]> {
  const { bytes, given } = recurrentFile(form);
  const model = readOnnx(bytes);
  const got = runModel(model, given);
  const layers = Array.from({ length: form.layers }, (_, layer) => `Y${layer}`);
  const apart = readOnnx(recurrentFile({ ...form, outputs: [...layers, "h"] }).bytes);
  expect(apart.nodes_.length).toBeGreaterThan(model.nodes_.length);
  expectSame(got, { y: runModel(apart, given)["y"]! }, 1e-6);
  if (withOrt) expectSame(got, await runOrt(bytes, model, given));
  for (const each of [model, apart]) each.dispose();
  return operators(bytes);
}

describe("batch first, one node a layer", () => {
  it.each(
    (["RNN", "LSTM", "GRU"] as const).flatMap((kind) =>
      (["forward", "reverse", "bidirectional"] as const).map(
        (direction) => [kind, direction] as const,
      ),
    ),
  )("%s, %s", async (kind, direction) => {
    for (const lengths of [false, true])
      for (const layers of [1, 2])
        expect(await computed({ ...PLAIN, kind, direction, layers, lengths })).toEqual(
          Array.from({ length: layers }, () => kind),
        );
  });

  it("directions as TensorFlow's exporter has them", async () => {
    const form = {
      ...PLAIN,
      direction: "bidirectional",
      merges: "batch first",
      layers: 2,
    } as const;
    expect(await computed(form)).toEqual(["LSTM", "LSTM"]);
  });

  it("states of zeros are none", async () => {
    for (const zeros of ["Expand", "ConstantOfShape"] as const)
      for (const direction of ["forward", "bidirectional"] as const)
        expect(await computed({ ...PLAIN, zeros, direction, layers: 2 })).toEqual(["LSTM", "LSTM"]);
  });

  it("one step, one row", async () => {
    for (const batch of [1, 2])
      for (const time of [1, 3])
        for (const direction of ["forward", "reverse", "bidirectional"] as const)
          expect(await computed({ ...PLAIN, batch, time, direction })).toEqual(["LSTM"]);
  });
});

it("any sizes, layers, directions and lengths give what the nodes give", async () => {
  const forms = fc.record({
    kind: fc.constantFrom("RNN" as const, "LSTM" as const, "GRU" as const),
    ...{ batch: fc.integer({ min: 1, max: 4 }), time: fc.integer({ min: 1, max: 6 }) },
    direction: fc.constantFrom("forward" as const, "reverse" as const, "bidirectional" as const),
    layers: fc.integer({ min: 1, max: 3 }),
    lengths: fc.boolean(),
    zeros: fc.constantFrom(undefined, "Expand" as const, "ConstantOfShape" as const),
    merges: fc.constantFrom("time first" as const, "batch first" as const),
  });
  await fc.assert(
    fc.asyncProperty(forms, async (form) => {
      const made = await computed(form, false);
      expect(made.filter((each) => each === form.kind)).toHaveLength(form.layers);
    }),
    { numRuns: 40 },
  );
});

describe("what others read stays", () => {
  it("Y, and what stands between it and the end", async () => {
    expect(operators(recurrentFile({ ...PLAIN, outputs: ["Y0"] }).bytes)).toEqual([
      ...["LSTM", "Squeeze", "Transpose"],
    ]);
    const { bytes, given } = recurrentFile({ ...PLAIN, outputs: ["squeezed", "h"] });
    expect(operators(bytes)).toEqual(["LSTM", "Transpose"]);
    const model = readOnnx(bytes);
    expectSame(runModel(model, given), await runOrt(bytes, model, given));
  });

  it("a cell that no layer computes keeps its nodes", async () => {
    const { bytes, given } = recurrentFile({ ...PLAIN, attributes: { clip: { float: 0.2 } } });
    expect(operators(bytes)).toEqual(["Transpose", "LSTM", "Squeeze", "Transpose"]);
    const model = readOnnx(bytes);
    expectSame(runModel(model, given), await runOrt(bytes, model, given));
  });
});

it.each([
  ["LSTM", { ...PLAIN, zeros: "Expand" }],
  [
    "GRU, both directions, two layers",
    { ...PLAIN, kind: "GRU", direction: "bidirectional", layers: 2 },
  ],
  ["LSTM, both directions, lengths", { ...PLAIN, direction: "bidirectional", lengths: true }],
  ["RNN backwards", { ...PLAIN, kind: "RNN", direction: "reverse" }],
] as [string, Form][])("gradients: %s", (_, form) => {
  const gradients = (outputs: string[]): Record<string, Given> => {
    const { bytes, given } = recurrentFile({ ...form, outputs });
    // Steps of zeros are a parameter too, of which no gradient is asked.
    return gradientsOf(bytes, given, { some: true });
  };
  const right = gradients(["Y0", "h"]);
  expect(Object.keys(right).length).toBeGreaterThan(3);
  expectSame(gradients([]), right, 1e-5);
});
