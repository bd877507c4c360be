// ONNX's own tests of its operators, made by its Python package where that is found (python3-onnx of Debian).
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readOnnx } from "../../src/onnx/index.js";
import { expectSame, runModel, type Given } from "./ort.js";
import { printed, pythonWith } from "./python.js";

interface Packed {
  readonly type: string;
  readonly shape: readonly number[];
  readonly data: string;
}

interface Case {
  readonly name: string;
  readonly model: string;
  readonly rtol: number;
  readonly inputs: readonly Packed[];
  readonly outputs: readonly Packed[];
}

/** What is not here: the operators, and forms of those that are. */
const OPERATORS = [
  ...["Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Bernoulli", "BitShift", "BlackmanWindow"],
  ...["ConvInteger", "Det", "DFT", "GridSample", "HammingWindow", "HannWindow", "LRN"],
  ...["MaxUnpool", "MelWeightMatrix", "NegativeLogLikelihoodLoss", "NonMaxSuppression"],
  ...[
    "OptionalGetElement",
    "OptionalHasElement",
    "QLinearConv",
    "QLinearMatMul",
    "RandomUniformLike",
  ],
  ...[
    "Resize",
    "RoiAlign",
    "Scan",
    "SequenceConstruct",
    "SequenceInsert",
    "SequenceMap",
    "SequenceAt",
  ],
  ...[
    "SoftmaxCrossEntropyLoss",
    "SplitToSequence",
    "STFT",
    "TfIdfVectorizer",
    "Unique",
    "Upsample",
  ],
];
const FORMS = [
  /training_mode: export the model/,
  /training_mode false/,
  /3 axes, of at most 2/,
  /its second output, the positions/,
  // The preview operators of training have a domain of their own.
  /operators of version 7 or later, got no version/,
  /each letter once in a tensor/,
  // Three axes: the rank is the weight's.
  /conv2d: expected a weight \[out, in \/ groups, kernel, kernel\]/,
  /expected (input|output) "\w+" to be a tensor of numbers or booleans/,
];

function given({ type, shape, data }: Packed): Given {
  const bytes = Buffer.from(data, "base64");
  const values = new Float64Array(new Uint8Array(bytes).buffer);
  const whole = /^(u?int|bool)/.test(type);
  const within = (x: number): number => Math.max(-0x80000000, Math.min(0x7fffffff, x));
  return {
    shape,
    data: whole ? Int32Array.from(values, within) : Float32Array.from(values),
  };
}

/** Halves are computed in float32, and not rounded. */
const UNROUNDED = /_to_FLOAT16/;

const python = pythonWith("onnx");

describe.runIf(python !== undefined)("ONNX's tests", () => {
  it("give the same, or are refused by what is not here", { timeout: 300_000 }, () => {
    const script = fileURLToPath(new URL("node-tests.py", import.meta.url));
    const cases = printed(python!, [script])
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Case)
      .filter(({ name }) => !UNROUNDED.test(name));
    const faults: string[] = [];
    let [same, refused] = [0, 0];
    for (const { name, model, rtol, inputs, outputs } of cases)
      try {
        const read = readOnnx(new Uint8Array(Buffer.from(model, "base64")));
        const named = read.inputs.map((each, i) => [each.name, given(inputs[i]!)]);
        const right = read.outputs.map((each, i) => [each.name, given(outputs[i]!)]);
        expectSame(
          runModel(read, Object.fromEntries(named) as Record<string, Given>),
          Object.fromEntries(right) as Record<string, Given>,
          Math.max(1e-5, rtol / 10),
        );
        read.dispose();
        same++;
      } catch (error) {
        const { message } = error as Error;
        const known =
          OPERATORS.some((each) => message.includes(`got ${each}`)) ||
          FORMS.some((form) => form.test(message));
        if (known) refused++;
        else faults.push(`${name}: ${message.slice(0, 200)}`);
      }
    expect(faults).toEqual([]);
    // Of 1.12, Debian's: 669 and 215. Later versions have more.
    expect(same).toBeGreaterThan(600);
    expect(same / refused).toBeGreaterThan(2.5);
  });
});
