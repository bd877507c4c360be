import { describe, expect, it } from "vitest";
import {
  matmul,
  memoryUsage,
  Parameter,
  scope,
  ScopeError,
  tanh,
  tensor,
  zeros,
  type Tensor,
} from "../../src/index.js";

const ENDED =
  "expected a live tensor, got one whose scope has ended. " +
  "Return it from the scope's function, or read it inside with data() or item().";

/** Writes over whatever memory the scopes before have given back. */
function scribble(): void {
  scope(() => {
    zeros([20_000]).set(new Float32Array(20_000).fill(NaN));
  });
}

// The first pass leaves the scratch space that is kept from then on.
scope(() => tensor([1], { requiresGrad: true }).mul(2).sum().backward());

describe("the end of a scope", () => {
  it("makes every use of what it held a ScopeError that says what to do", () => {
    let kept!: Tensor;
    scope(() => {
      kept = tensor([1, 2]);
    });
    for (const [op, use] of [
      ["data", () => kept.data()],
      ["data", () => kept.toArray()],
      ["set", () => kept.set([1, 2])],
      ["tanh", () => tanh(kept)],
      ["detach", () => kept.detach()],
    ] as const) {
      expect(use).toThrow(ScopeError);
      expect(use).toThrow(`${op}: ${ENDED}`);
    }
    kept.dispose();
    kept.dispose();
  });

  it("ends views of tensors outside it too, and leaves these free to go", () => {
    const { heapBytes, tensors } = memoryUsage();
    const x = tensor([1, 2, 3, 4]);
    const p = new Parameter(x);
    let views!: Tensor[];
    scope(() => {
      views = [x.reshape([2, 2]), x.detach(), p.reshape([4, 1]), p.detach()];
      scope(() => views.push(x.reshape([4, 1])));
      expect(() => views.at(-1)!.data()).toThrow(ENDED);
      expect(views[0]!.data()).toEqual(x.data());
    });
    for (const view of views) expect(() => view.data()).toThrow(ENDED);
    expect(x.toArray()).toEqual([1, 2, 3, 4]);
    x.dispose();
    p.dispose();
    expect(memoryUsage()).toMatchObject({ heapBytes, tensors });
  });

  it("comes with an exception too", () => {
    const before = memoryUsage();
    let kept!: Tensor;
    const failing = () =>
      scope(() => {
        kept = tensor([1]);
        scope(() => {
          tensor([2]);
          throw new RangeError("mine");
        });
      });
    expect(failing).toThrow(RangeError);
    expect(() => kept.item()).toThrow(ENDED);
    expect(memoryUsage().tensors).toBe(before.tensors);
    // No scope is open any more: what is made now lives until it is disposed of.
    const after = tensor([3]);
    scribble();
    expect(after.item()).toBe(3);
    after.dispose();
  });
});

describe("what a scope returns", () => {
  it("survives with its values: tensors, arrays, objects, Maps and Sets of them", () => {
    const make = (n: number) => tensor([n, n + 0.5]);
    const kept = scope(() => {
      const one = make(1);
      return {
        one,
        again: one,
        list: [make(2), [make(3)]],
        map: new Map([["four", make(4)]]),
        set: new Set([make(5)]),
        bare: Object.assign(Object.create(null) as object, { six: make(6) }),
        label: "seven",
        nothing: null,
      };
    });
    scribble();
    const all = [
      kept.one,
      kept.list[0] as Tensor,
      (kept.list[1] as Tensor[])[0]!,
      kept.map.get("four")!,
      [...kept.set][0]!,
      kept.bare.six,
    ];
    expect(all.map((x) => x.toArray())).toEqual([1, 2, 3, 4, 5, 6].map((n) => [n, n + 0.5]));
    expect(kept.again).toBe(kept.one);
    expect(kept.label).toBe("seven");
    for (const x of all) x.dispose();
  });

  it("survives any number of scopes, each copying to the next", () => {
    const { heapBytes, tensors } = memoryUsage();
    const x = scope(() =>
      scope(() => {
        zeros([1000]);
        return scope(() => {
          zeros([10]);
          return tensor([1, 2, 3]);
        });
      }),
    );
    scribble();
    expect(x.toArray()).toEqual([1, 2, 3]);
    expect(memoryUsage().tensors).toBe(tensors + 1);
    x.dispose();
    expect(memoryUsage()).toMatchObject({ heapBytes, tensors });
  });

  it("still shares memory where it shared before", () => {
    const [x, view] = scope(() => {
      const x = tensor([1, 2, 3, 4]);
      return [x, x.reshape([2, 2])] as const;
    });
    x.set([5, 6, 7, 8]);
    expect(view.data()).toEqual(Float32Array.of(5, 6, 7, 8));
    const { heapBytes } = memoryUsage();
    x.dispose();
    expect(memoryUsage().heapBytes).toBe(heapBytes);
    view.dispose();
    expect(memoryUsage().heapBytes).toBeLessThan(heapBytes);
  });

  it("may be a view of a tensor outside, which keeps that tensor's memory", () => {
    const { heapBytes, tensors } = memoryUsage();
    const x = tensor([1, 2]);
    const view = scope(() => scope(() => x.reshape([2, 1])));
    x.dispose();
    scribble();
    expect(view.toArray()).toEqual([[1], [2]]);
    view.dispose();
    expect(memoryUsage()).toMatchObject({ heapBytes, tensors });
  });

  it("goes with the scope that got it, gradients and views of outer tensors too", () => {
    const { heapBytes, tensors } = memoryUsage();
    const base = tensor([1, 2]);
    let got!: Tensor[];
    scope(() => {
      got = scope(() => {
        const x = tensor([3, 4], { requiresGrad: true });
        x.mul(x).sum().backward();
        return [base.reshape([2, 1]), x, x.grad!];
      });
      scribble();
      expect(got.map((x) => x.data()[0])).toEqual([1, 3, 6]);
    });
    for (const x of got) expect(() => x.data()).toThrow(ENDED);
    base.dispose();
    expect(memoryUsage()).toMatchObject({ heapBytes, tensors });
  });

  it("is left alone where it is not the scope's: outer tensors, parameters, disposed ones", () => {
    using x = tensor([1]);
    const p = new Parameter(x);
    const [same, sameParameter, gone] = scope(() => {
      const gone = tensor([3]);
      gone.dispose();
      return [x, p, gone] as const;
    });
    expect(same).toBe(x);
    expect([same.item(), sameParameter.item()]).toEqual([1, 1]);
    expect(() => gone.item()).toThrow("disposed of");
    const inner = scope(() => {
      const outer = tensor([4]);
      scope(() => outer);
      return outer.item();
    });
    expect(inner).toBe(4);
    p.dispose();
  });

  it("follows cycles once", () => {
    interface Loop {
      self?: Loop;
      x: Tensor;
    }
    const loop = scope(() => {
      const loop: Loop = { x: tensor([1]) };
      loop.self = loop;
      return loop;
    });
    expect(loop.self!.x.item()).toBe(1);
    loop.x.dispose();
  });
});

describe("graphs", () => {
  const weight = () =>
    new Parameter(
      tensor([
        [0.5, -0.25],
        [1, 2],
      ]),
    );

  it("go with a result into the surrounding scope", () => {
    const w = weight();
    scope(() => {
      const hidden = scope(() => {
        const unused = zeros([64]);
        return [tanh(matmul(tensor([[1, 2]]), w)), unused.item === undefined] as const;
      })[0];
      scribble();
      hidden.sum().backward();
    });
    // d tanh(x·W) / dW = xᵀ (1 - tanh²)
    const slope = [0.5 + 2, -0.25 + 4].map((y) => 1 - Math.tanh(y) ** 2);
    const expected = [...slope, ...slope.map((s) => 2 * s)];
    [...w.grad!.data()].forEach((g, i) => expect(g).toBeCloseTo(expected[i]!, 6));
    w.dispose();
  });

  it("are gone from what the outermost scope returns", () => {
    const w = weight();
    const y = scope(() => scope(() => tanh(matmul(tensor([[1, 2]]), w))));
    expect(y.requiresGrad).toBe(false);
    expect(() => y.sum().backward()).toThrow("a tensor outside any graph");
    expect(y.data()[0]).toBeCloseTo(Math.tanh(2.5), 6);
    y.set([[1, 2]]);
    y.dispose();
    w.dispose();
  });

  it("of many inner scopes merge into one outer scope, and all go with it", () => {
    const w = weight();
    const { tensors } = memoryUsage();
    let inner!: Tensor;
    scope(() => {
      let h = tensor([[0.1, 0.2]]);
      for (let t = 0; t < 50; t++) {
        h = scope(() => {
          inner = matmul(h, w);
          return tanh(inner);
        });
      }
      expect(inner.shape).toEqual([1, 2]);
      h.sum().backward();
      expect(memoryUsage().tensors).toBeGreaterThan(tensors + 100);
    });
    expect(() => inner.data()).toThrow(ENDED);
    expect(w.grad!.data().every(Number.isFinite)).toBe(true);
    expect(memoryUsage().tensors).toBe(tensors + 1);
    w.dispose();
  });
});

describe("gradients of leaves", () => {
  it("survive with their leaf, and go with it", () => {
    const { heapBytes, tensors } = memoryUsage();
    const x = scope(() =>
      scope(() => {
        const x = tensor([0.5, 1], { requiresGrad: true });
        x.mul(x).sum().backward();
        return x;
      }),
    );
    scribble();
    expect(x.grad!.toArray()).toEqual([1, 2]);
    expect(x.requiresGrad).toBe(true);
    x.dispose();
    expect(memoryUsage()).toMatchObject({ heapBytes, tensors });
  });

  it("survive without their leaf when they are what is returned", () => {
    const { heapBytes, tensors } = memoryUsage();
    const gradient = scope(() =>
      scope(() => {
        const x = tensor([0.5, 1], { requiresGrad: true });
        x.mul(x).sum().backward();
        return x.grad!;
      }),
    );
    scribble();
    expect(gradient.toArray()).toEqual([1, 2]);
    gradient.dispose();
    expect(memoryUsage()).toMatchObject({ heapBytes, tensors });
  });

  it("end with the scope of a leaf that nobody returned", () => {
    const { heapBytes, tensors } = memoryUsage();
    let gradient!: Tensor;
    scope(() => {
      const x = tensor([0.5, 1], { requiresGrad: true });
      x.mul(x).sum().backward();
      gradient = x.grad!;
    });
    expect(() => gradient.data()).toThrow(ENDED);
    expect(memoryUsage()).toMatchObject({ heapBytes, tensors });
  });
});

describe("scopes are synchronous", () => {
  const refusal = "scope: expected a function that finishes before it returns, got";

  it("refuse promises, also inside of what is returned, and iterators", () => {
    const { tensors } = memoryUsage();
    // @ts-expect-error a promise would outlive the scope
    expect(() => scope(async () => tensor([1]))).toThrow(
      `${refusal} a promise. A scope is synchronous`,
    );
    expect(() => scope(() => [1, 2].map(async () => tensor([1])))).toThrow(`${refusal} a promise`);
    expect(() =>
      // @ts-expect-error a generator would outlive the scope
      scope(function* () {
        yield tensor([1]);
      }),
    ).toThrow(`${refusal} an iterator`);
    expect(() =>
      // @ts-expect-error as above
      scope(async function* () {
        yield tensor([1]);
      }),
    ).toThrow(`${refusal} an iterator`);
    expect(() => scope((): never => [tensor([1])].values() as never)).toThrow(ScopeError);
    expect(memoryUsage().tensors).toBe(tensors);
  });

  it("give back any other value", () => {
    expect(scope(() => 5)).toBe(5);
    expect(scope(() => undefined)).toBeUndefined();
    expect(scope(() => "text")).toBe("text");
    const date = new Date(0);
    expect(scope(() => date)).toBe(date);
  });

  it("open inside of each other from callbacks and getters", () => {
    const sum = scope(() => {
      const xs = [1, 2, 3].map((n) => scope(() => tensor([n]).mul(n)));
      return xs.reduce((total, x) => total + scope(() => x.add(1).item()), 0);
    });
    expect(sum).toBe(1 + 4 + 9 + 3);
  });
});
