import { describe, expect, it } from "vitest";
import type { Buffer } from "../../src/index.js";
import {
  buffer,
  Dropout,
  Embedding,
  linear,
  Linear,
  loadSafetensors,
  LSTM,
  memoryUsage,
  Module,
  OptionError,
  Parameter,
  saveSafetensors,
  scope,
  ScopeError,
  Sequential,
  ShapeError,
  StateDictError,
  tensor,
  relu,
  ReLU,
  zeros,
  type LayerFunction,
  type Tensor,
} from "../../src/index.js";
import { Flatten } from "../../src/nn/index.js";

const parameter = (...values: number[]): Parameter => scope(() => new Parameter(tensor(values)));

/** Parts in every place where Module looks, and beside them what is none. */
class Nested extends Module {
  readonly first = parameter(1);
  readonly layers = [new Linear(2, 3), new Linear(3, 2, { bias: false })];
  readonly byName = new Map<string, Module | Parameter>([
    ["a", new Linear(1, 1)],
    ["b", parameter(2, 3)],
  ]);
  readonly mean: Buffer = scope(() => buffer(tensor([4, 5])));
  readonly plain = tensor([6]);
  readonly text = "no part";
  readonly none = undefined;
  readonly deep = [[parameter(7)]];
  readonly #cache = parameter(8);
  cached(): Parameter {
    return this.#cache;
  }
}

const NAMES = [
  "first",
  "layers.0.weight",
  "layers.0.bias",
  "layers.1.weight",
  "byName.a.weight",
  "byName.a.bias",
  "byName.b",
  "mean",
  "deep.0.0",
];

/** An embedding whose table is also the output's weight. */
class Tied extends Module {
  readonly embed = new Embedding(5, 3);
  readonly head = new Linear(3, 5, { weight: this.embed.weight });
}

describe("parts", () => {
  it("are own parameters, buffers, modules, and arrays and Maps of them, by their paths", () => {
    const module = new Nested();
    expect([...module.stateDict().keys()]).toEqual(NAMES);
    expect([...module.namedParameters().keys()]).toEqual(NAMES.filter((name) => name !== "mean"));
    expect([...module.namedModules().keys()]).toEqual(["", "layers.0", "layers.1", "byName.a"]);
    expect(module.stateDict().get("layers.1.weight")).toBe(module.layers[1]!.weight);
    expect(module.parameters()).toEqual([...module.namedParameters().values()]);
  });

  it("that are tied stand once among the parameters and under each name in the state dict", () => {
    const tied = new Tied();
    expect([...tied.namedParameters().keys()]).toEqual(["embed.weight", "head.bias"]);
    expect([...tied.stateDict().keys()]).toEqual(["embed.weight", "head.weight", "head.bias"]);
    expect(tied.stateDict().get("head.weight")).toBe(tied.embed.weight);
  });

  it("end where a module refers back to one it is in", () => {
    class Child extends Module {
      parent: Module | undefined;
      readonly weight = parameter(1);
    }
    class Parent extends Module {
      readonly child = new Child();
      readonly self = this;
    }
    const parent = new Parent();
    parent.child.parent = parent;
    expect([...parent.stateDict().keys()]).toEqual(["child.weight"]);
    expect([...parent.namedModules().keys()]).toEqual(["", "child"]);
  });

  it("shared by two modules appear under both", () => {
    const shared = new Linear(1, 1);
    const pair = new Sequential(shared, shared);
    expect([...pair.stateDict().keys()]).toEqual(["0.weight", "0.bias", "1.weight", "1.bias"]);
    expect(pair.parameters()).toHaveLength(2);
    expect([...pair.namedModules().keys()]).toEqual(["", "0"]);
  });
});

describe("train() and eval()", () => {
  it("reach every module inside and give back the module", () => {
    const model = new Sequential(new Linear(2, 2), new Sequential(new Dropout(0.5)));
    const modes = () => [...model.namedModules().values()].map(({ training }) => training);
    expect(modes()).toEqual([true, true, true, true]);
    expect(model.eval()).toBe(model);
    expect(modes()).toEqual([false, false, false, false]);
    expect(model.train()).toBe(model);
    expect(modes()).toEqual([true, true, true, true]);
  });

  it("switch dropout", () => {
    const model = new Sequential(new Dropout(0.5));
    scope(() => {
      const x = tensor(new Float32Array(1000).fill(1));
      const dropped = model.forward(x).data();
      expect(new Set(dropped)).toEqual(new Set([0, 2]));
      model.eval();
      expect(model.forward(x).data()).toEqual(x.data());
    });
  });
});

describe("loadStateDict()", () => {
  const values = (module: Module) =>
    [...module.stateDict()].map(([name, each]) => [name, ...each.data()]);

  it("copies from a state dict, a plain object or a file's tensors", () => {
    const [from, to] = [new Nested(), new Nested()];
    to.loadStateDict(from.stateDict());
    expect(values(to)).toEqual(values(from));
    for (const each of from.parameters()) each.set(each.data().map((x) => x + 1));
    to.loadStateDict(Object.fromEntries(from.stateDict()));
    expect(values(to)).toEqual(values(from));
    for (const each of from.parameters()) each.set(each.data().map((x) => x + 1));
    to.loadStateDict(scope(() => loadSafetensors(saveSafetensors(from.stateDict()))));
    expect(values(to)).toEqual(values(from));
    expect(to.first).not.toBe(from.first);
  });

  it("changes nothing where anything does not fit, and names it all in one error", () => {
    const module = new Nested();
    const before = values(module);
    scope(() => {
      const state = new Map(
        [...module.stateDict()].map(([name, { shape }]) => [name, zeros(shape)]),
      );
      state.delete("first");
      state.delete("mean");
      state.set("layers.0.weight", zeros([2, 3]));
      state.set("byName.b", zeros([2], { dtype: "int32" }) as unknown as Tensor);
      state.set("second", zeros([1]));
      const load = () => module.loadStateDict(state);
      expect(load).toThrow(StateDictError);
      expect(load).toThrow(
        "loadStateDict: expected a state that fits the module, got 2 missing (first, mean), 1 unexpected (second), " +
          "2 wrong shape (layers.0.weight: expected [3, 2], got [2, 3], byName.b: expected [2], got [2] int32). " +
          "Nothing was changed.",
      );
      // Without strict, wrong shapes are still wrong.
      expect(() => module.loadStateDict(state, { strict: false })).toThrow("got 2 wrong shape");
    });
    expect(values(module)).toEqual(before);
  });

  it("changes nothing where a given tensor is gone", () => {
    const module = new Linear(1, 1);
    const before = values(module);
    const [weight, bias] = [zeros([1, 1]), zeros([1])];
    bias.dispose();
    expect(() => module.loadStateDict({ weight, bias })).toThrow(ScopeError);
    expect(values(module)).toEqual(before);
    weight.dispose();
  });

  it("loads what fits without strict", () => {
    const module = new Linear(1, 1);
    const bias = module.bias!.item();
    scope(() =>
      module.loadStateDict({ weight: tensor([[5]]), more: zeros([9]) }, { strict: false }),
    );
    expect([module.weight.item(), module.bias!.item()]).toEqual([5, bias]);
  });

  it("takes a tied parameter under any of its names", () => {
    const tied = new Tied();
    scope(() => {
      const weight = tensor(
        Float32Array.from({ length: 15 }, (_, i) => i),
        { shape: [5, 3] },
      );
      tied.loadStateDict({ "head.weight": weight, "head.bias": zeros([5]) });
      expect(tied.embed.weight.data()).toEqual(weight.data());
      expect(() => tied.loadStateDict({ "head.bias": zeros([5]) })).toThrow(
        "2 missing (embed.weight, head.weight)",
      );
    });
  });

  it("makes packed weights anew", () => {
    const layer = new Linear(2, 1, { bias: false });
    scope(() => {
      const x = tensor([[1, 10]]);
      layer.forward(x);
      layer.loadStateDict({ weight: tensor([[3, 4]]) });
      expect(layer.forward(x).item()).toBe(43);
    });
  });
});

describe("dispose() and zeroGrad()", () => {
  it("give everything back", () => {
    const ids = tensor(Int32Array.of(1, 2, 3, 4), { shape: [2, 2] });
    const run = () => {
      const model = new Sequential(
        new Embedding(5, 4),
        new LSTM(4, 3, { numLayers: 2 }),
        new Linear(3, 2),
      );
      scope(() => model.forward(ids).sum().backward());
      expect(model.parameters().every(({ grad }) => grad)).toBe(true);
      model.zeroGrad();
      expect(model.parameters().some(({ grad }) => grad)).toBe(false);
      model.dispose();
      model.dispose();
      expect(() => model.parameters()[0]!.data()).toThrow(ScopeError);
    };
    // The first run leaves the scratch space that is kept.
    run();
    const before = memoryUsage();
    run();
    expect(memoryUsage()).toEqual(before);
    ids.dispose();
  });
});

describe("Sequential", () => {
  it("passes on a recurrent layer's output, under PyTorch's names", () => {
    const model = new Sequential(new Embedding(5, 4), new LSTM(4, 3), new Linear(3, 2));
    expect([...model.stateDict().keys()]).toEqual([
      "0.weight",
      "1.weight_ih_l0",
      "1.weight_hh_l0",
      "1.bias_ih_l0",
      "1.bias_hh_l0",
      "2.weight",
      "2.bias",
    ]);
    scope(() => {
      const ids = tensor(Int32Array.of(0, 1, 4), { shape: [1, 3] });
      expect(model.forward(ids).shape).toEqual([1, 3, 2]);
      // @ts-expect-error the first layer takes ids
      expect(() => model.forward(tensor([[0.5]]))).toThrow(
        "embedding: expected ids of dtype int32",
      );
    });
  });

  it("holds at least one layer", () => {
    expect(() => new Sequential()).toThrow(OptionError);
  });
});

describe("Linear with a shared weight", () => {
  it("sums the gradients of both uses", () => {
    const tied = new Tied();
    const apart = [new Embedding(5, 3), new Linear(3, 5)] as const;
    apart[0].weight.set(tied.embed.weight);
    apart[1].loadStateDict({ weight: tied.embed.weight, bias: tied.head.bias! });
    const pass = (embed: Embedding, head: Linear) =>
      scope(() => {
        const ids = tensor(Int32Array.of(1, 3, 1));
        const y = head.forward(embed.forward(ids));
        y.mul(y).sum().backward();
      });
    pass(tied.embed, tied.head);
    pass(...apart);
    const [first, second] = [apart[0].weight.grad!.data(), apart[1].weight.grad!.data()];
    const sum = first.map((x, i) => x + second[i]!);
    tied.embed.weight.grad!.data().forEach((x, i) => expect(x).toBeCloseTo(sum[i]!, 4));
  });

  it("refuses a weight of another shape", () => {
    const { weight } = new Embedding(5, 3);
    expect(() => new Linear(5, 3, { weight })).toThrow(ShapeError);
    expect(() => new Linear(5, 3, { weight })).toThrow(
      "Linear: expected a weight to share of shape [3, 5], got [5, 3].",
    );
  });

  it("is packed by each shape it is seen in", () => {
    const weight = scope(
      () =>
        new Parameter(
          tensor(
            Float32Array.from({ length: 6 }, (_, i) => i + 1),
            { shape: [2, 3] },
          ),
        ),
    );
    scope(() => {
      const wide = new Linear(3, 2, { weight, bias: false });
      const x = tensor([[1, 10, 100]]);
      expect(wide.forward(x).toArray()).toEqual([[321, 654]]);
      const view = weight.reshape([3, 2]);
      const tall = linear(tensor([[1, 10]]), view);
      expect(tall.toArray()).toEqual([[21, 43, 65]]);
    });
  });
});

describe("Embedding", () => {
  it("keeps a padding id at zero through training", () => {
    const layer = new Embedding(4, 2, { paddingIdx: 1 });
    expect(layer.weight.toArray()).toMatchObject({ 1: [0, 0] });
    scope(() =>
      layer
        .forward(tensor(Int32Array.of(1, 2, 1)))
        .sum()
        .backward(),
    );
    expect(layer.weight.grad!.toArray()).toEqual([
      [0, 0],
      [0, 0],
      [1, 1],
      [0, 0],
    ]);
    expect(() => new Embedding(4, 2, { paddingIdx: 4 })).toThrow(
      "Embedding: expected paddingIdx from 0 to 3, got 4.",
    );
  });
});

describe("Embedding of given vectors", () => {
  const VECTORS = [
    [1, 2],
    [3, 4],
    [5, 6],
  ];

  it("fromPretrained copies them, frozen unless told otherwise", () => {
    const layer = scope(() => Embedding.fromPretrained(tensor(VECTORS), { paddingIdx: 0 }));
    expect(layer.weight.requiresGrad).toBe(false);
    expect(layer.paddingIdx).toBe(0);
    // The vector of padding keeps its values: it is only never trained.
    expect(layer.weight.toArray()).toEqual(VECTORS);
    scope(() => {
      expect(layer.forward(tensor(Int32Array.of(2, 0))).toArray()).toEqual([
        VECTORS[2],
        VECTORS[0],
      ]);
    });
    layer.dispose();

    const trained = scope(() =>
      Embedding.fromPretrained(tensor(VECTORS), { freeze: false, paddingIdx: 0 }),
    );
    scope(() =>
      trained
        .forward(tensor(Int32Array.of(2, 0, 2)))
        .sum()
        .backward(),
    );
    expect(trained.weight.grad!.toArray()).toEqual([
      [0, 0],
      [0, 0],
      [2, 2],
    ]);
    trained.dispose();
  });

  it("shares a weight that is given as an option", () => {
    const first = new Embedding(3, 2);
    const second = new Embedding(3, 2, { weight: first.weight });
    expect(second.weight).toBe(first.weight);
    first.dispose();
  });

  it("refuses vectors that are no table", () => {
    scope(() => {
      expect(() => Embedding.fromPretrained(tensor([1, 2]))).toThrow(
        "Embedding.fromPretrained: expected weights [numEmbeddings, embeddingDim], got [2].",
      );
      expect(() => Embedding.fromPretrained(tensor(VECTORS), { paddingIdx: 3 })).toThrow(
        "paddingIdx from 0 to 2, got 3",
      );
      expect(() => new Embedding(4, 2, { weight: new Parameter(tensor(VECTORS)) })).toThrow(
        "a weight to share of shape [4, 2], got [3, 2]",
      );
      expect(() => Embedding.fromPretrained(tensor(VECTORS), { frozen: true } as object)).toThrow(
        '"frozen"',
      );
    });
  });
});

describe("Sequential with functions", () => {
  it("takes functions in place of layers; parts keep their numbers", () => {
    const model = new Sequential(
      new Linear(3, 4),
      relu,
      new LSTM(4, 2),
      (x: Tensor) => x.select(1, -1),
      new Linear(2, 1),
    );
    expect([...model.namedParameters().keys()].filter((name) => name.endsWith("weight"))).toEqual([
      "0.weight",
      "4.weight",
    ]);
    scope(() => {
      const x = tensor([[[1, 2, 3], [4, 5, 6]]]); // prettier-ignore
      expect(model.forward(x).shape).toEqual([1, 1]);
      model.forward(x).sum().backward();
    });
    for (const parameter of model.parameters()) expect(parameter.grad).toBeDefined();
    model.dispose();
  });

  it("refuses what is no layer, by its number", () => {
    const layer = new Linear(2, 2);
    const make = (second: unknown) => () => new Sequential(layer, second as LayerFunction);
    expect(make("relu")).toThrow(
      "Sequential: expected modules with forward(x), or functions of a tensor, got string as layer 1.",
    );
    expect(make(ReLU)).toThrow("got the class ReLU as layer 1. Make one of it with new.");
    scope(() => {
      const model = new Sequential(layer, ((x: Tensor) => x.toArray()) as never);
      expect(() => model.forward(tensor([[1, 2]]))).toThrow(
        "Sequential: expected a tensor, or { output }, from layer 1, got object.",
      );
    });
    layer.dispose();
  });
});

describe("Flatten", () => {
  it("merges axes", () => {
    scope(() => {
      const x = zeros([2, 3, 4, 5]);
      expect(new Flatten().forward(x).shape).toEqual([2, 60]);
      expect(new Flatten(0, 1).forward(x).shape).toEqual([6, 4, 5]);
      expect(new Flatten(-2).forward(x).shape).toEqual([2, 3, 20]);
      expect(() => new Flatten(2, 1).forward(x)).toThrow(OptionError);
    });
  });
});
