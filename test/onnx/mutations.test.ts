// Damaged files: refused by name, or run with other numbers; in either case no more memory than a ceiling.
//   ONNX_MUTATIONS=30000 ONNX_SEED=1 npx vitest run test/onnx/mutations.test.ts   (300 in CI)
import { expect, it } from "vitest";
import {
  HiddenstateError,
  Linear,
  LSTM,
  manualSeed,
  noGrad,
  scope,
  tensor,
  type DType,
  type Tensor,
} from "../../src/index.js";
import { SequenceClassifier, text } from "../../src/models/index.js";
import * as nn from "../../src/nn/index.js";
import { readOnnx, toOnnx, type OnnxModel } from "../../src/onnx/index.js";
import { BOOL, file, FLOAT, floats, ints, node, value } from "./build.js";

const COUNT = Number(process.env["ONNX_MUTATIONS"] ?? 300);
const SEED = Number(process.env["ONNX_SEED"] ?? 1);

function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/**
 * Operators whose inputs and attributes say how large outputs are, and graphs in graphs.
 *
 * @param odd which of the numbers is another
 */
function sizes(odd = -1, by = 0): Uint8Array {
  let count = 0;
  const n = (...usual: number[]): number[] => usual.map((x) => (count++ === odd ? by : x));
  const branch = (name: string, opType: string) => ({
    graph: {
      name,
      node: [node(opType, ["wide"], [`${name}_y`])],
      output: [value(`${name}_y`, FLOAT, ["n", "m"])],
    },
  });
  return file({
    node: [
      node("ConstantOfShape", ["four"], ["zeros"]),
      node("Expand", ["x", "large"], ["rows"]),
      node("Tile", ["rows", "twice"], ["tiles"]),
      node("Pad", ["tiles", "sides"], ["padded"], { mode: "edge" }),
      node("Range", ["from", "to", "by"], ["range"]),
      node("Cast", ["range"], ["numbers"], { to: 1 }),
      node("Unsqueeze", ["padded", "axes"], ["image"]),
      node("MaxPool", ["image"], ["pooled"], {
        kernel_shape: n(2, 2),
        pads: n(1, 0, 0, 1),
        strides: n(1, 2),
      }),
      node("ConvTranspose", ["pooled", "kernel"], ["grown"], { strides: n(2, 2) }),
      node("Reshape", ["grown", "flat"], ["wide"]),
      node("OneHot", ["range", "depth", "values"], ["hot"]),
      node("ReduceSum", ["hot"], ["total"], { keepdims: 0 }),
      node("Add", ["numbers", "zeros"], ["odd"]),
      node("ReduceMean", ["odd"], ["mean"], { keepdims: 0 }),
      node("If", ["flag"], ["chosen"], {
        then_branch: branch("then", "Neg"),
        else_branch: branch("else", "Abs"),
      }),
      node("Add", ["chosen", "total"], ["sum"]),
      node("Mul", ["sum", "mean"], ["y"]),
    ],
    initializer: [
      ints("four", n(4)),
      ints("large", n(2, 3)),
      ints("twice", n(2, 1)),
      ints("sides", n(0, 1, 1, 0)),
      ...["from", "to", "by", "depth"].map((name, i) => ({
        ...{ name, dims: [], dataType: 7 },
        int64Data: n([0, 4, 1, 5][i]!),
      })),
      ints("axes", n(0, 1)),
      ints("flat", n(-1, 2)),
      floats("kernel", [1, 1, 2, 2], [1, 2, 3, 4]),
      floats("values", [2], [0, 1]),
    ],
    input: [value("x", FLOAT, [3]), value("flag", BOOL, [])],
    output: [value("y", FLOAT, ["n", "m"])],
  });
}

function files(): Uint8Array[] {
  manualSeed(1);
  const texts = [
    { input: "what a film", label: "good" },
    { input: "so dull", label: "bad" },
  ];
  const small = { encoder: "transformer", hiddenSize: 8, numHeads: 2 } as const;
  const chain = new nn.Sequential(new nn.Conv1d(4, 4, 3, { padding: 1, groups: 2 }), new nn.ReLU());
  return [
    toOnnx(new nn.Sequential(new LSTM(3, 4), new Linear(4, 2))),
    toOnnx(SequenceClassifier.build(texts, { input: text({ embeddingSize: 4 }), ...small })),
    toOnnx(chain, { inputs: { x: ["batch", 4, "time"] } }),
    sizes(),
  ];
}

/** How many numbers there are in {@link sizes}. */
const NUMBERS = 27;

/** Small whole numbers, and those that no array is as long as. */
function anyNumber(below: (count: number) => number): number {
  const size = 2 ** (below(2) === 0 ? below(10) : 27 + below(13)) + below(3) - 1;
  return below(4) === 0 ? -size : size;
}

/** Bytes with a fault or some, as disks, networks and people make them. */
function damaged(bytes: Uint8Array, below: (count: number) => number): Uint8Array {
  const at = below(bytes.length);
  const inserted = (more: readonly number[], over: number): Uint8Array =>
    Uint8Array.from([...bytes.subarray(0, at), ...more, ...bytes.subarray(at + over)]);
  switch (below(10)) {
    case 0:
      return bytes.slice(0, at);
    case 1:
      return inserted([], 1 + below(4));
    case 2:
      return inserted(
        Array.from({ length: 1 + below(4) }, () => below(256)),
        0,
      );
    case 3: {
      // A number as large as so many bytes can say, in the place of others.
      const length = 1 + below(8);
      return inserted([...Array<number>(length - 1).fill(0xff), 0x7f], length);
    }
    default: {
      const made = bytes.slice();
      const faults = 1 + below(3);
      for (let i = 0; i < faults; i++) {
        const place = i === 0 ? at : below(made.length);
        made[place] = below(2) === 0 ? below(256) : made[place]! ^ (1 << below(8));
      }
      return made;
    }
  }
}

/** Inputs of the sizes that the file says, 2 where they may change; undefined where a damaged file wants too many numbers. */
function inputsOf(model: OnnxModel): Record<string, Tensor<DType>> | undefined {
  const given: Record<string, Tensor<DType>> = {};
  for (const { name, dtype, axes = [] } of model.inputs) {
    const shape = axes.map((axis) => (typeof axis === "number" ? axis : 2));
    const size = shape.reduce((all, n) => all * n, 1);
    if (!(size >= 0 && size <= 100_000)) return undefined;
    const numbers = Array<number>(size).fill(1);
    given[name] = tensor(numbers, { shape, dtype });
  }
  return given;
}

it(
  `${COUNT} damaged files are refused by name, or run; memory has a ceiling`,
  { timeout: 3_600_000 },
  () => {
    const below = random(SEED);
    const good = files();
    for (const bytes of good) {
      const model = readOnnx(bytes);
      scope(() => void model.forward(inputsOf(model)!));
      model.dispose();
    }
    const found = { ran: 0, refusedAsRead: 0, refusedAsRun: 0 };
    const faults: string[] = [];
    let peak = 0;
    let slowest = 0;
    for (let i = 0; i < COUNT; i++) {
      // Every other of the last kind is whole, but for a number.
      const bytes =
        i % 8 === 7
          ? sizes(below(NUMBERS), anyNumber(below))
          : damaged(good[i % good.length]!, below);
      const began = performance.now();
      let model: OnnxModel | undefined;
      try {
        model = readOnnx(bytes);
        scope(() => {
          const inputs = inputsOf(model!);
          if (inputs) noGrad(() => void model!.forward(inputs));
        });
        found.ran++;
      } catch (error) {
        if (!(error instanceof HiddenstateError)) faults.push(`${i}: ${(error as Error).stack}`);
        else if (model) found.refusedAsRun++;
        else found.refusedAsRead++;
      }
      model?.dispose();
      peak = Math.max(peak, process.memoryUsage().rss);
      slowest = Math.max(slowest, performance.now() - began);
    }
    if (COUNT > 300)
      process.stderr.write(
        `seed ${SEED}: ${JSON.stringify(found)}, peak ${Math.round(peak / 2 ** 20)} MB, slowest ${Math.round(slowest)} ms\n`,
      );
    expect(faults.slice(0, 5)).toEqual([]);
    expect(found.ran).toBeGreaterThan(0);
    expect(found.refusedAsRead).toBeGreaterThan(0);
    // With what a test itself takes.
    expect(peak).toBeLessThan(2 ** 31);
  },
);
