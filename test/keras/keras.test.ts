// Models in files of Keras and TensorFlow.js: their numbers, streams, training, what is not read, what is damaged.
import { unzipSync, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { FormatError, OptionError } from "../../src/core/errors.js";
import {
  kerasShards,
  loadKeras,
  loadKerasWeights,
  saveKeras,
  saveLayersModel,
} from "../../src/keras/index.js";
import { mseLoss } from "../../src/losses/elementwise.js";
import { Adam } from "../../src/optim/adam.js";
import { tensor, zeros } from "../../src/tensor/create.js";
import { scope } from "../../src/tensor/scope.js";
import { expectClose } from "../helpers/expect-close.js";
import {
  expectPredicted,
  h5pyFiles,
  jsonOf,
  kerasCase,
  kerasFiles,
  kerasNames,
  shardsOf,
  tfjsCase,
  tfjsCases,
} from "./oracle.js";

const tfjs = (name: string) =>
  loadKeras(jsonOf(tfjsCase(name)), { shards: shardsOf(tfjsCase(name)) });

describe("numbers are", () => {
  it.each(tfjsCases.map(({ name }) => name))("TensorFlow.js': %s", (name) => {
    const model = tfjs(name);
    expectPredicted(model, tfjsCase(name));
    model.dispose();
  });

  it.each(kerasNames)("Keras 3's: %s", (name) => {
    const { config, ...predicted } = kerasCase(name);
    const model = loadKeras(kerasFiles[name]!, name.includes(".weights.") ? { config } : {});
    expectPredicted(model, predicted);
    model.dispose();
  });

  it.each(Object.keys(h5pyFiles))("those in HDF5 as Keras 2 lays it out: %s", (name) => {
    const model = loadKeras(h5pyFiles[name]!);
    expectPredicted(model, tfjsCase(name.split(".")[0]!));
    model.dispose();
  });
});

describe("models are written back", () => {
  it.each(kerasNames.filter((name) => name.endsWith(".keras") && name !== "many.keras"))(
    "as %s",
    (name) => {
      const bytes = saveKeras(loadKeras(kerasFiles[name]!));
      expect(saveKeras(loadKeras(bytes))).toEqual(bytes);
      expectPredicted(loadKeras(bytes), kerasCase(name));
    },
  );

  it("as model.json", () => {
    for (const each of tfjsCases) {
      const { json, shards } = saveLayersModel(tfjs(each.name));
      const bytes = new TextEncoder().encode(json);
      expect(kerasShards(bytes)).toEqual(Object.keys(shards));
      expectPredicted(loadKeras(bytes, { shards }), each);
    }
  });

  it("but not as what cannot read them", () => {
    expect(() => saveKeras(tfjs("rnn"))).toThrow(/one of TensorFlow\.js.*saveLayersModel/);
    expect(() => saveLayersModel(loadKeras(kerasFiles["rnn.keras"]!))).toThrow(/saveKeras\(\)/);
    expect(() => saveKeras({} as never)).toThrow(OptionError);
  });
});

describe("a model", () => {
  it("streams with the numbers of whole sequences", () => {
    for (const name of ["mask_post", "norm", "lstm_sigmoid"]) {
      const model = loadKeras(kerasFiles[`${name}.keras`]!);
      const { inputs } = kerasCase(name);
      const { data, shape, dtype } = inputs[0]!;
      // One row, without its padding.
      const [, time, size = 1] = shape as [number, number, number];
      const row = data.slice(0, time * size).slice(0, name === "mask_post" ? time - 1 : undefined);
      const steps = row.length / size;
      const Values = dtype === "int32" ? Int32Array : Float32Array;
      const x = tensor(Values.from(row), {
        shape: dtype === "int32" ? [1, steps] : [1, steps, size],
      });
      const whole = model.forward(x).data();
      const stream = model.stream<Float32Array | Int32Array>();
      let last = new Float32Array();
      for (let t = 0; t < steps; t++)
        last = stream.push(Values.from(row.slice(t * size, (t + 1) * size))) as typeof last;
      expectClose(last, whole.slice(-last.length), 1e-6, name);
      stream.dispose();
    }
  });

  it.each(["lstm hardSigmoid false", "gru hardSigmoid true", "gru hardSigmoid false"])(
    "streams cells step by step, with the bits of whole sequences: %s",
    (name) => {
      const model = tfjs(name);
      const x = tensor(Float32Array.from(tfjsCase(name).inputs[0]!.data), { shape: [2, 5, 3] });
      const whole = model.forward(x);
      const steps = Array.from({ length: 5 }, (_, t) => [...x.slice(1, t, t + 1).data()]);
      const stream = model.stream({ batch: 2 });
      let last = new Float32Array();
      const push = (t: number) =>
        (last = Float32Array.from(stream.push(Float32Array.from(steps[t]!))));
      push(0);
      push(1);
      const bytes = stream.toBytes();
      const clone = stream.clone();
      stream.reset();
      stream.fromBytes(bytes);
      for (let t = 2; t < 5; t++) push(t);
      const end = whole.shape.length === 3 ? whole.slice(1, 4) : whole;
      expect([...last]).toEqual([...end.data()]);
      stream.dispose();
      // Rows in another order go on where they were; weights live as long as a stream that has them.
      clone.select(Int32Array.of(1));
      for (let t = 2; t < 5; t++)
        last = Float32Array.from(clone.push(Float32Array.from(steps[t]!.slice(3))));
      expect([...last]).toEqual([...end.data()].slice(last.length));
      expect(() => clone.push(new Float32Array(1))).toThrow(/expected 3 numbers, got 1/);
      clone.dispose();
      model.dispose();
    },
  );

  it("streams from a normalization on, behind noise", () => {
    const one = { shape: [2], dtype: "float32" };
    const weights = ["gamma", "beta", "moving_mean", "moving_variance"];
    const layers = [
      { class_name: "GaussianNoise", config: { name: "noise", stddev: 1 } },
      { class_name: "BatchNormalization", config: { name: "bn", epsilon: 0 } },
      { class_name: "LayerNormalization", config: { name: "time", axis: 1, scale: false } },
    ];
    const modelOf = (count: number, more: object[] = []) => {
      const json = {
        modelTopology: { class_name: "Sequential", config: { layers: layers.slice(0, count) } },
        weightsManifest: [
          {
            paths: ["w"],
            weights: [...weights.map((name) => ({ name: `bn/${name}`, ...one })), ...more],
          },
        ],
      };
      const values = [2, 3, 1, 1, 0, 0, 1, 1, ...(more.length > 0 ? [0, 0] : [])];
      const shards = [new Uint8Array(Float32Array.from(values).buffer)];
      return loadKeras(new TextEncoder().encode(JSON.stringify(json)), { shards });
    };
    expect([...modelOf(2).stream().push(Float32Array.of(5, 7))]).toEqual([11, 22]);
    const overTime = modelOf(3, [{ name: "time/beta", ...one }]);
    expect(() => overTime.stream()).toThrow(/layer "time", which needs the whole sequence/);
  });

  it("does not stream what needs the whole sequence", () => {
    expect(() => loadKeras(kerasFiles["bi_concat.keras"]!).stream()).toThrow(
      /layer "bidirectional", which needs the whole sequence/,
    );
    expect(() => loadKeras(kerasFiles["seq2seq.keras"]!).stream()).toThrow(/one input|a chain/);
  });

  it("remembers between batches where it is stateful", () => {
    const each = tfjsCase("lstm sigmoid true");
    const text = new TextDecoder()
      .decode(jsonOf(each))
      .replace('"stateful":false', '"stateful":true');
    const stateful = loadKeras(new TextEncoder().encode(text), { shards: shardsOf(each) });
    const { data, shape } = each.inputs[0]!;
    const [batch, time, size] = shape as [number, number, number];
    const x = tensor(Float32Array.from(data), { shape });
    const whole = tfjs(each.name).forward(x);
    for (let pass = 0; pass < 2; pass++) {
      const first = stateful.forward(x.slice(1, 0, 2));
      const rest = stateful.forward(x.slice(1, 2));
      expectClose(first.data(), whole.slice(1, 0, 2).data(), 1e-6, "first steps");
      expectClose(rest.data(), whole.slice(1, 2).data(), 1e-6, "the others");
      stateful.resetStates();
    }
    expect([batch, time, size]).toEqual([2, 5, 3]);
    stateful.dispose();
  });

  it("is taught further, a head alone or all of it, and written", () => {
    const model = loadKeras(kerasFiles["lstm_hard_sigmoid.keras"]!);
    model.requiresGrad = false;
    const head = Object.keys(model.layers).find((name) => name.startsWith("dense"))!;
    model.layers[head]!.requiresGrad = true;
    const before = new Map(
      [...model.stateDict()].map(([name, value]) => [name, [...value.data()]]),
    );
    const optimizer = new Adam(model.parameters(), { lr: 0.05 });
    const x = tensor(Float32Array.from(kerasCase("lstm_hard_sigmoid").inputs[0]!.data), {
      shape: [2, 5, 3],
    });
    const losses: number[] = [];
    for (let step = 0; step < 40; step++)
      scope(() => {
        const loss = mseLoss(model.forward(x), zeros([2, 5, 2]));
        optimizer.zeroGrad();
        loss.backward();
        optimizer.step();
        losses.push(loss.item());
      });
    expect(losses.at(-1)!).toBeLessThan(losses[0]! / 4);
    for (const [name, value] of model.stateDict())
      if (name.includes(head)) expect([...value.data()]).not.toEqual(before.get(name));
      else expect([...value.data()]).toEqual(before.get(name));
    const again = loadKeras(saveKeras(model));
    expectClose(again.forward(x).data(), model.forward(x).data(), 1e-6, "written and read");
  });

  it("says what inputs it takes and what outputs it has", () => {
    const model = loadKeras(kerasFiles["seq2seq.keras"]!);
    expect(model.inputs).toBe(2);
    expect(() => model.forward(zeros([1, 5, 3]))).toThrow(/2 inputs: input_layer/);
    expect(() => model.forward(zeros([1, 5, 3]), zeros([1, 4, 3]))).toThrow(/Call outputs/);
    expect(model.outputNames.length).toBe(2);
  });
});

describe("weights alone", () => {
  it("are read by their names, or with the configuration", () => {
    const bytes = kerasFiles["lstm_sigmoid.weights.h5"]!;
    expect(() => loadKeras(bytes)).toThrow(/weights alone.*to_json.*loadKerasWeights/);
    const weights = loadKerasWeights(bytes);
    expect(weights.get("layers/lstm/cell/vars/0")!.shape).toEqual([3, 16]);
    const { config } = kerasCase("lstm_sigmoid");
    expect(Object.keys(loadKeras(bytes, { config: JSON.parse(config) as object }).layers)).toEqual([
      "lstm",
      "dense",
    ]);
    expect(loadKerasWeights(h5pyFiles["stacked.latest.h5"]!).size).toBe(8);
  });

  it("of another model are named", () => {
    const { config } = kerasCase("gru_sigmoid");
    expect(() => loadKeras(kerasFiles["lstm_sigmoid.weights.h5"]!, { config })).toThrow(
      /layer "gru/,
    );
  });
});

describe("what is not read is named", () => {
  const changed = (from: string | RegExp, to: string): Uint8Array => {
    const parts = unzipSync(kerasFiles["lstm_sigmoid.keras"]!);
    const config = new TextDecoder().decode(parts["config.json"]).replace(from, to);
    return zipSync({ ...parts, "config.json": new TextEncoder().encode(config) });
  };
  const text = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

  it.each([
    [
      "layers of one's own",
      changed(/"class_name": ?"Dense"/, '"class_name":"Mine"'),
      /"Mine" \(layer "dense"\)/,
    ],
    [
      "models of one's own",
      changed(/"class_name": ?"Sequential"/, '"class_name":"Mine"'),
      /a model of class "Mine"/,
    ],
    [
      "activations",
      changed(/"activation": ?"linear"/, '"activation":"mine"'),
      /an activation of layer "dense".*got "mine"/,
    ],
    [
      "arrays of another shape",
      changed(/"units": ?4/, '"units":5'),
      /kernel \[.*20\] of layer "lstm/,
    ],
    ["graph models", text({ format: "graph-model", modelTopology: {} }), /a graph model/],
    ["other JSON", text({ a: 1 }), /a model\.json of TensorFlow\.js, got JSON with "a"/],
    ["a page", Buffer.from("<html>"), /an HTML or XML page/],
    ["PyTorch's files", zipSync({ "a/data.pkl": new Uint8Array(1) }), /loadTorch\(\)/],
    [
      "weights as pickles",
      zipSync({ "config.json": text({}), "model.weights.npz": new Uint8Array(1) }),
      /whose arrays are pickled/,
    ],
  ])("%s", (_, bytes, message) => {
    expect(() => loadKeras(bytes)).toThrow(FormatError);
    expect(() => loadKeras(bytes)).toThrow(message);
  });

  it("missing shards, by their paths", () => {
    const json = jsonOf(tfjsCase("rnn"));
    expect(() => loadKeras(json)).toThrow(/"w\.bin" among shards, got undefined/);
    expect(() => loadKeras(json, { shards: { "w.bin": new Uint8Array(3) } })).toThrow(/bytes of/);
  });
});
