// RNN, LSTM and GRU in every form of the specification, against ONNX Runtime.
import { describe, expect, it } from "vitest";
import { readOnnx } from "../../src/onnx/index.js";
import { file, FLOAT, floats, INT32, node, value } from "./build.js";
import { expectSame, list, numbers, runModel, runOrt, type Given } from "./ort.js";

const [T, B, I, H] = [5, 3, 4, 6];
const GATES = { RNN: 1, LSTM: 4, GRU: 3 } as const;
type Kind = keyof typeof GATES;

interface Form {
  readonly bidirectional?: boolean;
  readonly lengths?: boolean;
  readonly state?: boolean;
  readonly peepholes?: boolean;
  readonly bias?: false;
  readonly attributes?: Parameters<typeof node>[3];
}

/** A file with one node, and inputs for it. */
function made(
  kind: Kind,
  form: Form,
  layout = 0,
): { bytes: Uint8Array; given: Record<string, Given> } {
  const { lengths, state, peepholes, bias = true, attributes = {} } = form;
  const D = form.bidirectional ? 2 : 1;
  const G = GATES[kind];
  const weight = (name: string, ...shape: number[]) =>
    floats(
      name,
      shape,
      [...numbers(...shape).data].map((x, i) => x * (0.6 + 0.05 * (i % 7))),
    );
  const direction = form.bidirectional ? { direction: "bidirectional" } : {};
  const states = kind === "LSTM" ? ["h", "c"] : ["h"];
  const inputs = ["x", "W", "R", bias ? "B" : "", lengths ? "lengths" : "", state ? "h" : ""];
  if (kind === "LSTM") inputs.push(state ? "c" : "", peepholes ? "P" : "");
  const order = (time: number, batch: number) => (layout === 1 ? [batch, time] : [time, batch]);
  const stateShape = layout === 1 ? [B, D, H] : [D, B, H];
  const bytes = file({
    node: [
      node(kind, inputs, ["Y", ...states.map((each) => `Y_${each}`)], {
        hidden_size: H,
        ...(layout === 1 && { layout: 1 }),
        ...direction,
        ...attributes,
      }),
    ],
    initializer: [
      weight("W", D, G * H, I),
      weight("R", D, G * H, H),
      ...(bias ? [weight("B", D, 2 * G * H)] : []),
      ...(peepholes ? [weight("P", D, 3 * H)] : []),
    ],
    input: [
      value("x", FLOAT, layout === 1 ? ["batch", "time", I] : ["time", "batch", I]),
      ...(lengths ? [value("lengths", INT32, ["batch"])] : []),
      ...(state
        ? states.map((each) =>
            value(
              each,
              FLOAT,
              stateShape.map((n) => (n === B ? "batch" : n)),
            ),
          )
        : []),
    ],
    output: ["Y", ...states.map((each) => `Y_${each}`)]
      .map((name) => value(name, FLOAT, []))
      .map(({ name }) => ({ name, type: { tensorType: { elemType: FLOAT } } })),
  });
  const given: Record<string, Given> = { x: numbers(...order(T, B), I) };
  if (lengths) given["lengths"] = list(T, 2, 4);
  if (state) for (const each of states) given[each] = numbers(...stateShape);
  return { bytes, given };
}

const FORMS: Readonly<Record<string, readonly [Kind, Form]>> = {
  RNN: ["RNN", {}],
  "RNN of ReLU, both directions": [
    "RNN",
    { bidirectional: true, attributes: { activations: ["Relu", "Relu"] } },
  ],
  "RNN of a function for each direction": [
    "RNN",
    { bidirectional: true, attributes: { activations: ["Relu", "Tanh"] } },
  ],
  "RNN of LeakyRelu, bounded": [
    "RNN",
    {
      attributes: {
        activations: ["LeakyRelu"],
        activation_alpha: { floats: [0.3] },
        clip: { float: 0.5 },
      },
    },
  ],
  "RNN backwards, with lengths": ["RNN", { lengths: true, attributes: { direction: "reverse" } }],
  LSTM: ["LSTM", {}],
  "LSTM without biases": ["LSTM", { bias: false }],
  "LSTM, both directions, with lengths and state": [
    "LSTM",
    { bidirectional: true, lengths: true, state: true },
  ],
  "LSTM backwards": ["LSTM", { state: true, attributes: { direction: "reverse" } }],
  "LSTM backwards, with lengths": [
    "LSTM",
    { lengths: true, state: true, attributes: { direction: "reverse" } },
  ],
  "LSTM with peepholes": ["LSTM", { peepholes: true, state: true }],
  "LSTM with peepholes, both directions and lengths": [
    "LSTM",
    { peepholes: true, bidirectional: true, lengths: true },
  ],
  "LSTM with coupled gates": ["LSTM", { attributes: { input_forget: 1 } }],
  "LSTM of other functions": [
    "LSTM",
    {
      attributes: {
        activations: ["HardSigmoid", "Softsign", "ScaledTanh"],
        activation_alpha: { floats: [0.3, 1.2] },
        activation_beta: { floats: [0.4, 0.8] },
      },
    },
  ],
  "LSTM, bounded": ["LSTM", { attributes: { clip: { float: 0.4 } } }],
  GRU: ["GRU", {}],
  "GRU, reset behind": ["GRU", { attributes: { linear_before_reset: 1 } }],
  "GRU, both directions, with lengths and state": [
    "GRU",
    { bidirectional: true, lengths: true, state: true, attributes: { linear_before_reset: 1 } },
  ],
  "GRU, reset before, backwards, with lengths": [
    "GRU",
    { lengths: true, attributes: { direction: "reverse" } },
  ],
  "GRU of other functions": [
    "GRU",
    {
      attributes: {
        activations: ["HardSigmoid", "Affine"],
        activation_alpha: { floats: [0.25, 0.9] },
        activation_beta: { floats: [0.45, 0.05] },
      },
    },
  ],
  "GRU of other functions, reset behind": [
    "GRU",
    { bias: false, attributes: { activations: ["Sigmoid", "Softsign"], linear_before_reset: 1 } },
  ],
};

describe("recurrent operators give what ONNX Runtime gives", () => {
  it.each(Object.entries(FORMS))("%s", async (_, [kind, form]) => {
    const { bytes, given } = made(kind, form);
    const model = readOnnx(bytes);
    expectSame(runModel(model, given), await runOrt(bytes, model, given));
    model.dispose();
  });
});

const turned = (
  { shape, data }: { shape: readonly number[]; data: ArrayLike<number> },
  order: number[],
) => {
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((all, n) => all * n, 1));
  const to = order.map((axis) => shape[axis]!);
  const size = data.length;
  return {
    shape: to,
    data: Float32Array.from({ length: size }, (_, i) => {
      let [rest, at] = [i, 0];
      for (let k = to.length - 1; k >= 0; k--) {
        at += (rest % to[k]!) * strides[order[k]!]!;
        rest = Math.floor(rest / to[k]!);
      }
      return data[at]!;
    }),
  };
};

describe("layout 1, which ONNX Runtime refuses, is layout 0 with other axes first", () => {
  const forms = [
    "LSTM, both directions, with lengths and state",
    "GRU, reset before, backwards, with lengths",
    "LSTM with peepholes",
    "RNN",
  ];
  it.each(forms)("%s", (name) => {
    const [kind, form] = FORMS[name]!;
    const [plain, first] = [made(kind, form), made(kind, form, 1)];
    const given: Record<string, Given> = {
      ...plain.given,
      x: turned(plain.given["x"]!, [1, 0, 2]),
    };
    if (given["h"]) given["h"] = turned(given["h"], [1, 0, 2]);
    if (given["c"]) given["c"] = turned(given["c"], [1, 0, 2]);
    const right = runModel(readOnnx(plain.bytes), plain.given);
    const got = runModel(readOnnx(first.bytes), given);
    expectSame(turnedAll(got), right, 1e-6);
  });

  const turnedAll = (outputs: ReturnType<typeof runModel>) =>
    Object.fromEntries(
      Object.entries(outputs).map(([name, each]) => [
        name,
        name === "Y" ? turned(each, [1, 2, 0, 3]) : turned(each, [1, 0, 2]),
      ]),
    );
});

it("names what the attributes ask for and is not there", () => {
  const { bytes } = made("LSTM", { attributes: { activations: ["Sigmoid", "Tanh", "Cosine"] } });
  expect(() => readOnnx(bytes)).toThrow('LSTM "the_LSTM": activation "Cosine"');
});
