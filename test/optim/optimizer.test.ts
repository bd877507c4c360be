import { describe, expect, it } from "vitest";
import {
  Adam,
  AdamW,
  clipGradNorm,
  clipGradValue,
  Embedding,
  Linear,
  memoryUsage,
  NumericError,
  OptionError,
  Parameter,
  scope,
  ScopeError,
  SGD,
  StateDictError,
  tensor,
  zeros,
  type Optimizer,
  type Tensor,
} from "../../src/index.js";
import { Adagrad, RMSprop, SparseAdam } from "../../src/optim/index.js";
import { expectClose } from "../helpers/expect-close.js";
import { testRandom } from "../helpers/random.js";

// Plain numbers, PyTorch's formulas as they stand in its documentation.
interface PlainOptions {
  lr: number;
  momentum?: number;
  dampening?: number;
  nesterov?: boolean;
  weightDecay?: number;
  betas?: readonly [number, number];
  eps?: number;
  amsgrad?: boolean;
  alpha?: number;
  centered?: boolean;
  lrDecay?: number;
  initialAccumulatorValue?: number;
}

abstract class Plain {
  step = 0;
  constructor(
    readonly values: Float64Array,
    public options: PlainOptions,
  ) {}
  abstract update(gradient: ArrayLike<number>): void;
}

class PlainSGD extends Plain {
  #buffer: Float64Array | undefined;
  update(gradient: ArrayLike<number>): void {
    const { lr, momentum = 0, dampening = 0, nesterov = false, weightDecay = 0 } = this.options;
    const before = this.#buffer;
    const g = this.values.map((p, i) => gradient[i]! + weightDecay * p);
    const b = g.map((x, i) => (before ? momentum * before[i]! + (1 - dampening) * x : x));
    if (momentum > 0) this.#buffer = b;
    const direction = momentum === 0 ? g : nesterov ? g.map((x, i) => x + momentum * b[i]!) : b;
    direction.forEach((d, i) => (this.values[i]! -= lr * d));
  }
}

class PlainAdam extends Plain {
  readonly #m = new Float64Array(this.values.length);
  readonly #v = new Float64Array(this.values.length);
  readonly #largest = new Float64Array(this.values.length);
  decoupled = false;
  update(gradient: ArrayLike<number>): void {
    const { lr, betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0, amsgrad } = this.options;
    this.step++;
    this.values.forEach((p, i) => {
      if (this.decoupled) p -= lr * weightDecay * p;
      const g = gradient[i]! + (this.decoupled ? 0 : weightDecay * p);
      this.#m[i] = betas[0] * this.#m[i]! + (1 - betas[0]) * g;
      this.#v[i] = betas[1] * this.#v[i]! + (1 - betas[1]) * g * g;
      const mHat = this.#m[i] / (1 - betas[0] ** this.step);
      this.#largest[i] = Math.max(this.#largest[i]!, this.#v[i]);
      const v = amsgrad ? this.#largest[i] : this.#v[i];
      const vHat = v / (1 - betas[1] ** this.step);
      this.values[i] = p - (lr * mHat) / (Math.sqrt(vHat) + eps);
    });
  }
}

class PlainAdamW extends PlainAdam {
  override decoupled = true;
}

class PlainRMSprop extends Plain {
  readonly #s = new Float64Array(this.values.length);
  readonly #a = new Float64Array(this.values.length);
  readonly #b = new Float64Array(this.values.length);
  update(gradient: ArrayLike<number>): void {
    const { lr, alpha = 0.99, eps = 1e-8, weightDecay = 0 } = this.options;
    const { momentum = 0, centered } = this.options;
    this.values.forEach((p, i) => {
      const g = gradient[i]! + weightDecay * p;
      this.#s[i] = alpha * this.#s[i]! + (1 - alpha) * g * g;
      this.#a[i] = alpha * this.#a[i]! + (1 - alpha) * g;
      const variance = this.#s[i] - (centered ? this.#a[i] ** 2 : 0);
      this.#b[i] = momentum * this.#b[i]! + g / (Math.sqrt(variance) + eps);
      this.values[i] = p - lr * this.#b[i];
    });
  }
}

class PlainAdagrad extends Plain {
  #s: Float64Array | undefined;
  update(gradient: ArrayLike<number>): void {
    const { lr, lrDecay = 0, eps = 1e-10, weightDecay = 0 } = this.options;
    const s = (this.#s ??= this.values.map(() => this.options.initialAccumulatorValue ?? 0));
    this.values.forEach((p, i) => {
      const g = gradient[i]! + weightDecay * p;
      s[i]! += g * g;
      this.values[i] = p - ((lr / (1 + this.step * lrDecay)) * g) / (Math.sqrt(s[i]!) + eps);
    });
    this.step++;
  }
}

const random = testRandom(23);
// Below, at and above a vector, and more than one.
const LENGTHS = [1, 4, 7, 33];
const STARTS = LENGTHS.map((length) => random.uniforms(length));
const parametersOf = () => STARTS.map((start) => scope(() => new Parameter(tensor(start))));

/** Gives a parameter exactly this gradient, by the backward of a product. */
function setGradient(parameter: Parameter, gradient: Float32Array): void {
  parameter.zeroGrad();
  scope(() => parameter.mul(tensor(gradient)).sum().backward());
}

const KINDS: [
  string,
  new (parameters: Iterable<Parameter>, options: PlainOptions) => Optimizer<never>,
  new (values: Float64Array, options: PlainOptions) => Plain,
  PlainOptions,
][] = [
  ["SGD", SGD, PlainSGD, { lr: 0.1 }],
  ["SGD with weight decay", SGD, PlainSGD, { lr: 0.1, weightDecay: 0.3 }],
  ["SGD with momentum", SGD, PlainSGD, { lr: 0.1, momentum: 0.9, weightDecay: 0.1 }],
  ["SGD with dampening", SGD, PlainSGD, { lr: 0.1, momentum: 0.8, dampening: 0.5 }],
  ["SGD by Nesterov", SGD, PlainSGD, { lr: 0.1, momentum: 0.9, nesterov: true }],
  ["Adam", Adam, PlainAdam, { lr: 0.1 }],
  [
    "Adam with options",
    Adam,
    PlainAdam,
    { lr: 0.05, betas: [0.5, 0.8], eps: 1e-3, weightDecay: 0.2 },
  ],
  ["AdamW", AdamW, PlainAdamW, { lr: 0.1, weightDecay: 0.3 }],
  ["Adam by AMSGrad", Adam, PlainAdam, { lr: 0.1, betas: [0.9, 0.4], amsgrad: true }],
  ["RMSprop", RMSprop, PlainRMSprop, { lr: 0.02, weightDecay: 0.2, eps: 1e-4 }],
  [
    "RMSprop with options",
    RMSprop,
    PlainRMSprop,
    { lr: 0.02, alpha: 0.8, momentum: 0.7, centered: true, eps: 0.1 },
  ],
  ["RMSprop, centered", RMSprop, PlainRMSprop, { lr: 0.02, alpha: 0.9, centered: true, eps: 0.1 }],
  ["Adagrad", Adagrad, PlainAdagrad, { lr: 0.1 }],
  [
    "Adagrad with options",
    Adagrad,
    PlainAdagrad,
    { lr: 0.1, lrDecay: 0.1, initialAccumulatorValue: 0.5, weightDecay: 0.1, eps: 1e-3 },
  ],
] as never;

describe.each(KINDS)("%s", (_, Class, Twin, options) => {
  it("follows its formulas over ten steps, with parameters skipped and the rate changed on the way", () => {
    const parameters = parametersOf();
    const optimizer = new Class(parameters, options);
    const twins = STARTS.map((start) => new Twin(Float64Array.from(start), { ...options }));
    for (let step = 0; step < 10; step++) {
      if (step === 6) {
        (optimizer.groups[0]! as { lr: number }).lr = options.lr / 3;
        for (const twin of twins) twin.options = { ...twin.options, lr: options.lr / 3 };
      }
      parameters.forEach((parameter, i) => {
        // The second misses the first three steps, the third every other one.
        const skipped = (i === 1 && step < 3) || (i === 2 && step % 2 === 1);
        const gradient = random.uniforms(LENGTHS[i]!);
        setGradient(parameter, gradient);
        if (skipped) parameter.zeroGrad();
        else twins[i]!.update(gradient);
      });
      optimizer.step();
    }
    parameters.forEach((parameter, i) =>
      expectClose(parameter.data(), twins[i]!.values, { absolute: 2e-6, relative: 2e-6 }, `${i}`),
    );
    optimizer.dispose();
  });

  it("goes on from a saved state to the same bits, in another optimizer and in itself", () => {
    const [one, two] = [parametersOf(), parametersOf()];
    const [first, second] = [new Class(one, options), new Class(two, options)];
    const gradients = Array.from({ length: 8 }, () => LENGTHS.map((n) => random.uniforms(n)));
    const run = (
      optimizer: Optimizer<never>,
      parameters: Parameter[],
      from: number,
      to: number,
    ) => {
      for (let step = from; step < to; step++) {
        // The last parameter joins late: its step count differs.
        parameters.forEach((each, i) => {
          setGradient(each, gradients[step]![i]!);
          if (i === 3 && step < 2) each.zeroGrad();
        });
        optimizer.step();
      }
    };
    run(first, one, 0, 4);
    scope(() => second.loadStateDict(first.stateDict()));
    two.forEach((each, i) => each.set(one[i]!));
    scope(() => first.loadStateDict(first.stateDict()));
    run(first, one, 4, 8);
    run(second, two, 4, 8);
    two.forEach((each, i) => expect(each.data()).toEqual(one[i]!.data()));
    for (const each of [first, second]) each.dispose();
  });

  it("gives all memory back, and refuses work after that", () => {
    const parameters = parametersOf();
    parameters.forEach((each, i) => setGradient(each, random.uniforms(LENGTHS[i]!)));
    const { heapBytes, tensors } = memoryUsage();
    const optimizer = new Class(parameters, options);
    optimizer.step();
    const after = memoryUsage();
    optimizer.step();
    expect(memoryUsage()).toEqual(after);
    optimizer.dispose();
    expect(memoryUsage()).toMatchObject({ heapBytes, tensors });
    expect(() => optimizer.step()).toThrow(ScopeError);
    optimizer.dispose();
  });
});

describe("groups", () => {
  it("have options of their own over the common ones", () => {
    const [a, b, c] = parametersOf();
    const optimizer = new SGD([{ params: [a!, a!] }, { params: [b!, c!], lr: 0.5 }], { lr: 0.25 });
    expect(optimizer.groups.map(({ lr, params }) => [lr, params.length])).toEqual([
      [0.25, 1],
      [0.5, 2],
    ]);
    for (const [i, each] of [a!, b!, c!].entries())
      setGradient(each, new Float32Array(LENGTHS[i]!).fill(1));
    optimizer.step();
    expect(a!.data()[0]).toBe(Math.fround(STARTS[0]![0]! - 0.25));
    expect(b!.data()[3]).toBe(Math.fround(STARTS[1]![3]! - 0.5));
  });

  it("take what is iterable, once each", () => {
    const parameters = parametersOf();
    const optimizer = new SGD(new Set([...parameters, parameters[0]!]).values());
    expect(optimizer.groups[0]!.params).toEqual(parameters);
  });

  it.each<[string, () => unknown, string]>([
    [
      "none",
      () => new Adam([]),
      "Adam: expected at least one parameter, got none. Pass model.parameters().",
    ],
    [
      "two",
      () => {
        const [a, b] = parametersOf();
        return new AdamW([{ params: [a!, b!] }, { params: [b!] }]);
      },
      "AdamW: expected every parameter in one group, got a parameter [4] in two.",
    ],
    [
      "mixed",
      () => {
        const [a, b] = parametersOf();
        return new SGD([a!, { params: [b!] }] as never);
      },
      "SGD: expected parameters in an array",
    ],
    [
      "plain tensors",
      () => new SGD([tensor([1])] as never),
      "SGD: expected parameters in an array",
    ],
    ["lr", () => new SGD(parametersOf(), { lr: -1 }), "SGD: expected lr at least 0, got -1."],
    [
      "NaN",
      () => new Adam(parametersOf(), { weightDecay: NaN }),
      "Adam: expected weightDecay at least 0, got NaN.",
    ],
    [
      "betas",
      () => new AdamW(parametersOf(), { betas: [0.9, 1] }),
      "AdamW: expected betas[1] from 0 to below 1, got 1.",
    ],
    [
      "eps",
      () => new Adam([{ params: parametersOf(), eps: -1 }]),
      "Adam: expected eps at least 0, got -1.",
    ],
    [
      "nesterov",
      () => new SGD(parametersOf(), { nesterov: true }),
      "SGD: expected a momentum above 0 and no dampening with nesterov, got momentum 0, dampening 0.",
    ],
    [
      "alpha",
      () => new RMSprop(parametersOf(), { alpha: 1.1 }),
      "RMSprop: expected alpha from 0 to 1, got 1.1.",
    ],
    [
      "a negative momentum",
      () => new RMSprop(parametersOf(), { momentum: -1 }),
      "RMSprop: expected momentum at least 0, got -1.",
    ],
    [
      "lrDecay",
      () => new Adagrad(parametersOf(), { lrDecay: -1 }),
      "Adagrad: expected lrDecay at least 0, got -1.",
    ],
    [
      "a negative sum of squares",
      () => new Adagrad(parametersOf(), { initialAccumulatorValue: -1 }),
      "Adagrad: expected initialAccumulatorValue at least 0, got -1.",
    ],
    [
      "no options",
      () => new Adam(parametersOf(), 5 as never),
      "Adam: expected options in an object, as in Adam(parameters, {lr:number, ",
    ],
    ["typo", () => new SGD(parametersOf(), { momentun: 0.9 } as object), 'got "momentun"'],
  ])("refuse %s", (_, make, message) => {
    expect(make).toThrow(OptionError);
    expect(make).toThrow(message);
  });
});

describe("options changed on the way", () => {
  it("are checked at the step: a rate that is no number changes nothing", () => {
    const [p] = parametersOf();
    const optimizer = new SGD([p!], { lr: 0.1 });
    setGradient(p!, Float32Array.of(1));
    optimizer.groups[0]!.lr = NaN;
    expect(() => optimizer.step()).toThrow("SGD: expected lr at least 0, got NaN.");
    expect(p!.data()).toEqual(STARTS[0]);
  });

  it("may ask for moments that were not there: they begin with that step", () => {
    const parameters = parametersOf();
    const twins = STARTS.map((start) => new PlainSGD(Float64Array.from(start), { lr: 0.1 }));
    const optimizer = new SGD(parameters, { lr: 0.1 });
    for (let step = 0; step < 6; step++) {
      if (step === 2) {
        Object.assign(optimizer.groups[0]!, { momentum: 0.9, dampening: 0.5 });
        for (const twin of twins) twin.options = { lr: 0.1, momentum: 0.9, dampening: 0.5 };
      }
      parameters.forEach((parameter, i) => {
        const gradient = random.uniforms(LENGTHS[i]!);
        setGradient(parameter, gradient);
        twins[i]!.update(gradient);
      });
      optimizer.step();
    }
    parameters.forEach((each, i) => expectClose(each.data(), twins[i]!.values, 2e-6));
  });

  it("never take one moment for another", () => {
    const [p] = parametersOf();
    const optimizer = new RMSprop([p!], { momentum: 0.5 });
    const names = () => scope(() => [...optimizer.stateDict().tensors.keys()]);
    const step = () => {
      setGradient(p!, Float32Array.of(0.5));
      optimizer.step();
    };
    step();
    expect(names()).toEqual(["0.step", "0.square_avg", "0.momentum_buffer"]);
    Object.assign(optimizer.groups[0]!, { momentum: 0, centered: true });
    step();
    expect(names()).toEqual(["0.step", "0.square_avg", "0.grad_avg"]);
    const average = scope(() => optimizer.stateDict().tensors.get("0.grad_avg")!.item());
    expect(average).toBeCloseTo(0.01 * 0.5, 8);
  });
});

describe("loadStateDict()", () => {
  const trained = () => {
    const parameters = parametersOf();
    const optimizer = new Adam(parameters, { lr: 0.1 });
    parameters.forEach((each, i) => setGradient(each, random.uniforms(LENGTHS[i]!)));
    optimizer.step();
    return { parameters, optimizer };
  };

  it("names moments as PyTorch does, and carries the options", () => {
    const { optimizer } = trained();
    scope(() => {
      const { tensors, groups } = optimizer.stateDict();
      expect([...tensors.keys()].slice(0, 3)).toEqual(["0.step", "0.exp_avg", "0.exp_avg_sq"]);
      expect(tensors.get("3.step")!.item()).toBe(1);
      expect(groups).toEqual([
        { lr: 0.1, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, amsgrad: false },
      ]);
      const other = new Adam(parametersOf());
      other.loadStateDict({ tensors, groups });
      expect(other.groups[0]!.lr).toBe(0.1);
    });
  });

  it("changes nothing where anything does not fit", () => {
    const { optimizer } = trained();
    const snapshot = () =>
      scope(() => [...optimizer.stateDict().tensors].map(([name, each]) => [name, ...each.data()]));
    const before = snapshot();
    scope(() => {
      const { tensors, groups } = optimizer.stateDict();
      const but = (name: string, value?: unknown) => {
        const changed = new Map([...tensors].map(([key, each]) => [key, each.clone()]));
        if (value === undefined) changed.delete(name);
        else changed.set(name, value as never);
        return { tensors: changed, groups } as never;
      };
      const gone = zeros([33]);
      gone.dispose();
      for (const [state, message] of [
        [{ tensors, groups: [] }, "Adam.loadStateDict: expected 1 groups, got 0."],
        [but("3.exp_avg"), "expected 3.exp_avg, got a state without it. The state must come from"],
        [but("3.exp_avg", zeros([32])), "expected 3.exp_avg of shape [33], got [32]"],
        [
          but("3.exp_avg", zeros([33], { dtype: "int32" })),
          "expected 3.exp_avg of dtype float32, got int32",
        ],
        [but("4.step", zeros([])), "expected the moments of its own parameters, got 4.step"],
        [but("0.momentum_buffer", zeros([1])), "got 0.momentum_buffer"],
      ] as const) {
        expect(() => optimizer.loadStateDict(state)).toThrow(StateDictError);
        expect(() => optimizer.loadStateDict(state)).toThrow(message);
      }
      expect(() => optimizer.loadStateDict(but("3.exp_avg", gone))).toThrow(ScopeError);
      const options = { ...groups[0]!, lr: -1 };
      expect(() => optimizer.loadStateDict({ tensors, groups: [options] })).toThrow(OptionError);
    });
    expect(snapshot()).toEqual(before);
    expect(optimizer.groups[0]!.lr).toBe(0.1);
  });
});

describe("a gradient that is not finite", () => {
  it.each(KINDS)("is refused by %s before any parameter changes", (_, Class, __, options) => {
    for (const bad of [NaN, Infinity, -Infinity]) {
      const parameters = [1, 2].map((value) => new Parameter(tensor([value, value, value])));
      const optimizer = new Class(parameters, options);
      parameters.forEach((parameter) => parameter.mul(2).sum().backward());
      parameters[1]!.grad!.set([1, bad, 3]);
      expect(() => optimizer.step()).toThrow(NumericError);
      expect(() => optimizer.step()).toThrow(
        `${Class.name}.step: expected finite gradients, got ${bad} in that of parameter 1 [3] of group 0.`,
      );
      expect(parameters.map((parameter) => [...parameter.data()])).toEqual([
        [1, 1, 1],
        [2, 2, 2],
      ]);
      parameters[1]!.grad!.set([1, 2, 3]);
      optimizer.step();
      expect(parameters[1]!.data()[0]).not.toBe(2);
      optimizer.dispose();
    }
  });

  it("is not hidden by clamping, unless it is infinite", () => {
    const parameter = new Parameter(tensor([1, 1, 1]));
    parameter.sum().backward();
    parameter.grad!.set([NaN, Infinity, -3]);
    clipGradValue([parameter], 2);
    expect([...parameter.grad!.data()]).toEqual([NaN, 2, -2]);
    expect(() => new Adam([parameter]).step()).toThrow(NumericError);
  });
});

describe("clipping", () => {
  const withGradients = (): Parameter[] => {
    const parameters = parametersOf();
    parameters.forEach(
      (each, i) => i !== 1 && setGradient(each, random.uniforms(LENGTHS[i]!, -3, 3)),
    );
    return parameters;
  };
  const gradientsOf = (parameters: Parameter[]) =>
    parameters.flatMap(({ grad }) => (grad ? [...grad.data()] : []));

  it("scales to the norm, gives the norm before, and counts a parameter once", () => {
    const parameters = withGradients();
    const before = gradientsOf(parameters);
    const norm = Math.sqrt(before.reduce((sum, g) => sum + g * g, 0));
    expect(clipGradNorm([...parameters, parameters[0]!], 1.5)).toBeCloseTo(norm, 5);
    expectClose(
      gradientsOf(parameters),
      before.map((g) => (g * 1.5) / (norm + 1e-6)),
      1e-6,
    );
    const clipped = gradientsOf(parameters);
    expect(clipGradNorm(parameters, 2)).toBeCloseTo(1.5, 5);
    expect(gradientsOf(parameters)).toEqual(clipped);
    expect(clipGradNorm(parameters, Infinity)).toBeCloseTo(1.5, 5);
    expect(clipGradNorm([], 1)).toBe(0);
  });

  it("takes the sum of magnitudes or the largest as norm", () => {
    const parameters = withGradients();
    const before = gradientsOf(parameters);
    const most = Math.max(...before.map(Math.abs));
    expect(clipGradNorm(parameters, 100, { normType: Infinity })).toBe(most);
    const sum = before.reduce((sum, g) => sum + Math.abs(g), 0);
    expect(clipGradNorm(parameters, 0.5, { normType: 1 })).toBeCloseTo(sum, 5);
    expectClose(
      gradientsOf(parameters),
      before.map((g) => (g * 0.5) / sum),
      1e-6,
    );
    for (const normType of [3, 0, NaN])
      expect(() => clipGradNorm(parameters, 1, { normType })).toThrow(
        `clipGradNorm: expected normType 1, 2 or Infinity, got ${normType}.`,
      );
  });

  it("clamps to the value", () => {
    const parameters = withGradients();
    const before = gradientsOf(parameters);
    clipGradValue(parameters, 0.5);
    expect(gradientsOf(parameters)).toEqual(before.map((g) => Math.max(-0.5, Math.min(0.5, g))));
  });

  it("refuses gradients that are not finite and leaves them", () => {
    const parameters = withGradients();
    parameters[2]!.grad!.set(Float32Array.of(1, 2, NaN, 4, 5, 6, 7));
    const before = gradientsOf(parameters);
    expect(() => clipGradNorm(parameters, 1)).toThrow(NumericError);
    expect(() => clipGradNorm(parameters, 1)).toThrow(
      "clipGradNorm: expected finite gradients, got a norm of NaN.",
    );
    expect(gradientsOf(parameters)).toEqual(before);
    // PyTorch's way: the caller sees the norm, and every gradient is spoilt.
    const options = { errorIfNonfinite: false };
    expect(clipGradNorm(parameters, 1, options)).toBeNaN();
    expect(gradientsOf(parameters).every(Number.isNaN)).toBe(true);
    parameters[0]!.grad!.set(Float32Array.of(Infinity));
    parameters[2]!.zeroGrad();
    parameters[3]!.grad!.set(new Float32Array(33).fill(2));
    expect(clipGradNorm(parameters, 1, options)).toBe(Infinity);
    expect(gradientsOf(parameters)).toEqual([NaN, ...new Array<number>(33).fill(0)]);
  });

  it.each([0, -1, NaN])("refuses a limit of %d", (limit) => {
    expect(() => clipGradNorm([], limit)).toThrow(
      `clipGradNorm: expected maxNorm above 0, got ${limit}.`,
    );
    expect(() => clipGradValue([], limit)).toThrow("clipGradValue: expected clipValue above 0");
  });
});

describe("SparseAdam", () => {
  const ids = (...list: number[]) => tensor(Int32Array.from(list));

  it("leaves the rows alone that no id touched, with their moments, and goes on from a state", () => {
    const layer = new Embedding(1000, 3);
    const optimizer = new SparseAdam(layer.parameters(), { lr: 0.5 });
    const before = layer.weight.data();
    const train = (...list: number[]) => {
      optimizer.zeroGrad();
      scope(() => {
        const y = layer.forward(ids(...list));
        y.mul(y).sum().backward();
      });
      optimizer.step();
    };
    train(7, 999, 7);
    train(7, 0);
    const rows = (values: Float32Array, other: Float32Array) =>
      Array.from({ length: 1000 }, (_, row) => row).filter((row) =>
        [0, 1, 2].some((i) => values[row * 3 + i] !== other[row * 3 + i]),
      );
    expect(rows(layer.weight.data(), before)).toEqual([0, 7, 999]);
    const { tensors, groups } = optimizer.stateDict();
    expect(rows((tensors.get("0.exp_avg") as Tensor).data(), new Float32Array(3000))).toEqual([
      0, 7, 999,
    ]);

    const other = new Embedding(1000, 3);
    other.weight.set(layer.weight);
    const resumed = new SparseAdam(other.parameters(), { lr: 0.1 });
    resumed.loadStateDict({ tensors, groups });
    for (const [of, by] of [
      [layer, optimizer],
      [other, resumed],
    ] as const) {
      by.zeroGrad();
      scope(() => of.forward(ids(999, 5)).sum().backward());
      by.step();
    }
    expect(other.weight.data()).toEqual(layer.weight.data());
    for (const each of [layer, other, optimizer, resumed]) each.dispose();
  });

  it("adds up what several uses touched; gradients of rows are zero where none was", () => {
    const layer = new Embedding(6, 2, { paddingIdx: 0 });
    for (const list of [[1, 2], [5], [0, 3]]) {
      layer.zeroGrad();
      scope(() => {
        layer
          .forward(ids(...list))
          .sum()
          .backward();
        layer
          .forward(ids(...list, 4))
          .sum()
          .backward();
      });
      const expected = [0, 1, 2, 3, 4, 5].map((row) => {
        const times = row === 0 ? 0 : 2 * Number(list.includes(row)) + Number(row === 4);
        return [times, times];
      });
      expect(layer.weight.grad!.toArray()).toEqual(expected);
    }
    // A gradient that a user wrote over is cleared whole.
    layer.weight.grad!.set(new Float32Array(12).fill(9));
    layer.zeroGrad();
    scope(() => layer.forward(ids(2)).sum().backward());
    expect([...layer.weight.grad!.data()]).toEqual([0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0]);
    layer.dispose();
  });

  it("refuses gradients of whole parameters, also of a table that is tied, and weight decay", () => {
    const layer = new Embedding(4, 2);
    const head = new Linear(2, 4, { bias: false, weight: layer.weight });
    const optimizer = new SparseAdam(layer.parameters());
    const values = layer.weight.data();
    scope(() =>
      head
        .forward(layer.forward(ids(1)))
        .sum()
        .backward(),
    );
    expect(() => optimizer.step()).toThrow(
      "SparseAdam.step: expected gradients of an embedding's rows only, got one of a whole parameter [4, 2].",
    );
    expect(layer.weight.data()).toEqual(values);
    expect(() => new SparseAdam(layer.parameters(), { weightDecay: 0.1 })).toThrow(OptionError);
    optimizer.dispose();
    layer.dispose();
  });
});
