import { describe, expect, it } from "vitest";
import {
  embedding,
  GraphError,
  linear,
  LSTM,
  log,
  matmul,
  memoryUsage,
  noGrad,
  NumericError,
  Parameter,
  scope,
  SGD,
  ShapeError,
  sigmoid,
  split,
  tanh,
  tensor,
  type Tensor,
} from "../../src/index.js";
import { heap } from "../../src/wasm/backend.js";

const leaf = (values: number[]): Tensor => tensor(values, { requiresGrad: true });
const inScope = (name: string, body: () => void): void => it(name, () => scope(body));

describe("backward()", () => {
  inScope("adds up over every use of an input", () => {
    const x = leaf([2, -3]);
    // x·x + x + 5x: 2x + 6
    x.mul(x).add(x).add(x.mul(5)).sum().backward();
    expect(x.grad!.toArray()).toEqual([10, 0]);
  });

  inScope("adds up where paths part and meet again", () => {
    const x = leaf([0.5]);
    const shared = tanh(x);
    const left = shared.mul(3);
    const right = shared.mul(shared);
    left.mul(right).sum().backward();
    // d(3 t³) = 9 t² (1 - t²)
    const t = Math.tanh(0.5);
    expect(x.grad!.item()).toBeCloseTo(9 * t * t * (1 - t * t), 5);
  });

  inScope("runs each operation once, after all that use it", () => {
    // Without the order of creation, the count of paths (2^40) would be the count of visits.
    let y = leaf([1]);
    const x = y;
    for (let i = 0; i < 40; i++) y = y.add(y);
    y.sum().backward();
    expect(x.grad!.item()).toBe(2 ** 40);
  });

  it("goes through fifty thousand operations without recursion", () => {
    const x = new Parameter(tensor([1]));
    scope(() => {
      let y: Tensor = x;
      for (let i = 0; i < 50_000; i++) y = y.add(0);
      y.sum().backward();
    });
    expect(x.grad!.item()).toBe(1);
    x.dispose();
  });

  inScope("starts from a given gradient, for results of any shape", () => {
    const x = leaf([1, 2, 3]);
    const start = tensor([10, 100, 1000]);
    x.mul(x).backward(start);
    expect(x.grad!.toArray()).toEqual([20, 400, 6000]);
    expect(start.toArray()).toEqual([10, 100, 1000]);
  });

  inScope("refuses more than a scalar without one, and one of another shape", () => {
    const y = leaf([1, 2]).mul(2);
    expect(() => y.backward()).toThrow(ShapeError);
    expect(() => y.backward()).toThrow(
      "backward: expected a scalar, or a gradient to start from, got [2]. Reduce the loss with mean() or sum() first.",
    );
    expect(() => y.backward(tensor([[1, 2]]))).toThrow(
      "backward: expected a gradient of shape [2], got [1, 2].",
    );
    // Refusals leave the graph as it was.
    y.backward(tensor([1, 1]));
  });

  inScope("takes a leaf of no Parameter, also one made from a result", () => {
    const x = leaf([3]);
    const cut = x.mul(2).detach();
    cut.requiresGrad = true;
    cut.mul(cut).sum().backward();
    expect(cut.grad!.item()).toBe(12);
    expect(x.grad).toBeUndefined();
  });

  inScope("refuses leaves and what is outside any graph", () => {
    const outside =
      "backward: expected a result of operations on a tensor that requires a gradient";
    expect(() => leaf([1]).backward()).toThrow(`${outside}, got a leaf.`);
    expect(() => tensor([1]).add(1).backward()).toThrow(
      `${outside}, got a tensor outside any graph. Compute it from a Parameter`,
    );
  });

  inScope("gives each input of an operation its own gradient", () => {
    const [a, b] = [leaf([1, 2]), leaf([3, 4])];
    a.mul(b).mul(a.add(b)).sum().backward();
    // d(ab(a + b))/da = b² + 2ab, d/db = a² + 2ab
    expect(a.grad!.toArray()).toEqual([9 + 6, 16 + 16]);
    expect(b.grad!.toArray()).toEqual([1 + 6, 4 + 16]);
  });

  inScope("collects the gradients of several outputs of one operation", () => {
    const x = leaf([1, 2, 3]);
    const [head, tail] = split(x, [1, 2]);
    head!.mul(10).sum().add(tail!.mul(tail!).sum()).backward();
    expect(x.grad!.toArray()).toEqual([10, 4, 6]);
  });
});

describe("gradients", () => {
  it("add up from pass to pass, until zeroGrad() empties them", () => {
    const p = new Parameter(tensor([2]));
    expect(p.grad).toBeUndefined();
    const pass = () => scope(() => p.mul(p).sum().backward());
    pass();
    const first = p.grad!;
    expect(first.item()).toBe(4);
    pass();
    expect(p.grad!.item()).toBe(8);
    expect(p.grad).toBe(first);
    p.zeroGrad();
    expect(p.grad).toBeUndefined();
    pass();
    expect(p.grad!.item()).toBe(4);
    // The memory is kept from step to step.
    expect(p.grad).toBe(first);
    p.dispose();
  });

  it("are made anew after somebody disposed of one", () => {
    const p = new Parameter(tensor([2]));
    const pass = () => scope(() => p.mul(p).sum().backward());
    pass();
    p.grad!.dispose();
    expect(p.grad).toBeUndefined();
    pass();
    expect(p.grad!.item()).toBe(4);
    p.dispose();
  });

  it("are not made for frozen parameters, and flow through what they meet", () => {
    const frozen = new Parameter(tensor([[2, 3]]), { requiresGrad: false });
    const free = new Parameter(tensor([[5, 7]]));
    const pass = () =>
      scope(() => {
        const y = frozen.mul(free).sum();
        expect(y.requiresGrad).toBe(true);
        y.backward();
      });
    pass();
    expect(frozen.grad).toBeUndefined();
    expect(free.grad!.toArray()).toEqual([[2, 3]]);
    frozen.requiresGrad = true;
    free.requiresGrad = false;
    free.zeroGrad();
    pass();
    expect(free.grad).toBeUndefined();
    expect(frozen.grad!.toArray()).toEqual([[5, 7]]);
    scope(() =>
      expect(() => (frozen.mul(1).requiresGrad = false)).toThrow(
        "requiresGrad: expected a leaf, got a result of mul",
      ),
    );
    frozen.dispose();
    free.dispose();
  });
});

describe("a graph is good for one pass", () => {
  inScope("a second one is refused, and one through a part of it too", () => {
    const x = leaf([0.5]);
    const shared = tanh(x);
    const one = shared.sum();
    const two = shared.mul(2).sum();
    one.backward();
    const gradient = x.grad!.item();
    expect(() => one.backward()).toThrow(GraphError);
    expect(() => one.backward()).toThrow(
      /^backward: expected a graph that has not been used, got one that an earlier backward\(\) freed \(at \w+\)\./,
    );
    expect(() => two.backward()).toThrow(
      "freed (at tanh). Compute the loss again, or sum the losses",
    );
    expect(x.grad!.item()).toBe(gradient);
  });

  it("one over a parameter or data changed since is refused", () => {
    const w = new Parameter(tensor([[1, 2]]));
    const x = tensor([[3, 4]]);
    const optimizer = new SGD([w], { lr: 0.1 });
    scope(() => linear(x, w).sum().backward());
    const changed =
      /^backward: expected the inputs of linear as they were when it ran, got an input \[1, 2\] that has been changed since\. Call backward\(\) before/;
    scope(() => {
      for (const change of [
        () => optimizer.step(),
        () => void w.set([[5, 6]]),
        () => void x.set([[7, 8]]),
        () => void x.detach().set([[7, 8]]),
      ]) {
        const loss = linear(x, w).sum();
        change();
        expect(() => loss.backward()).toThrow(GraphError);
        expect(() => loss.backward()).toThrow(changed);
      }
    });
    optimizer.dispose();
    w.dispose();
    x.dispose();
  });

  it("one over ids changed since is refused", () => {
    const table = new Parameter(tensor([[1], [2]]));
    const ids = tensor(Int32Array.of(0, 1));
    scope(() => {
      const y = embedding(ids, table).sum();
      ids.set([1, 1]);
      expect(() => y.backward()).toThrow(GraphError);
    });
    table.dispose();
    ids.dispose();
  });

  it("one through what was disposed of or went with its scope says so", () => {
    const w = new Parameter(tensor([[1, 2]]));
    scope(() => {
      const x = tensor([[3, 4]]);
      const loss = linear(x, w).sum();
      x.dispose();
      expect(() => loss.backward()).toThrow(
        "linear: expected a live tensor, got one that was disposed of",
      );
    });
    w.dispose();
  });
});

describe("noGrad()", () => {
  it("records nothing, gives back what its function returns, and ends with an exception", () => {
    const p = new Parameter(tensor([2]));
    scope(() => {
      const y = noGrad(() => noGrad(() => p.mul(3)).add(p));
      expect(y.requiresGrad).toBe(false);
      expect(y.item()).toBe(8);
      expect(() =>
        noGrad(() => {
          throw new RangeError("mine");
        }),
      ).toThrow(RangeError);
      expect(p.mul(3).requiresGrad).toBe(true);
    });
    p.dispose();
  });
});

describe("a loss that is not finite", () => {
  it("is a NumericError that names the first operation with such a result", () => {
    const w = new Parameter(tensor([0.5, -1]));
    scope(() => {
      const logs = log(sigmoid(w).mul(0));
      const loss = logs.mul(2).sum();
      expect(() => loss.backward()).toThrow(NumericError);
      expect(() => loss.backward()).toThrow(
        "backward: expected a finite loss, got -Infinity; the first operation with a result that is not finite is log. " +
          "A smaller learning rate or clipGradNorm() often helps.",
      );
    });
    expect(w.grad).toBeUndefined();
    w.dispose();
  });

  it("says when the data or the parameters were not finite to begin with", () => {
    const w = new Parameter(tensor([[0.5, -1]]));
    scope(() => {
      const loss = linear(tensor([[NaN, 1]]), w).sum();
      expect(() => loss.backward()).toThrow(
        "got NaN; the first operation with a result that is not finite is linear. " +
          "Its input [1, 2] already holds NaN or Infinity: look at the data or the parameters.",
      );
    });
    w.dispose();
  });

  it("is found past results that are gone", () => {
    const w = new Parameter(tensor([-1]));
    scope(() => {
      const a = w.mul(1);
      const loss = log(a).sum();
      a.dispose();
      expect(() => loss.backward()).toThrow("that is not finite is log");
    });
    w.dispose();
  });

  it("in one output of several counts too", () => {
    const lstm = new LSTM(2, 3);
    scope(() => {
      const { state } = lstm.forward(tensor([[[NaN, 1]]]));
      expect(() => state.c.sum().backward()).toThrow("is lstm. Its input [1, 1, 2] already holds");
    });
    lstm.dispose();
  });
});

describe("memory", () => {
  it("of a pass is all given back: only the leaves' gradients stay", () => {
    const w = new Parameter(
      tensor([
        [0.5, -0.25],
        [1, 2],
      ]),
    );
    const pass = () =>
      scope(() => {
        const x = tensor([[1, 2]]);
        const h = tanh(matmul(x, w));
        matmul(h, w).mul(h).sum().backward();
      });
    pass();
    const { heapBytes, tensors } = memoryUsage();
    const used = heap().used;
    for (let i = 0; i < 50; i++) pass();
    expect(memoryUsage()).toMatchObject({ heapBytes, tensors });
    expect(heap().used).toBe(used);
    w.dispose();
  });

  it("is given back when a pass fails on the way", () => {
    const w = new Parameter(tensor([[1, 2]]));
    scope(() =>
      linear(tensor([[3, 4]]), w)
        .sum()
        .backward(),
    );
    const { heapBytes } = memoryUsage();
    scope(() => {
      const x = tensor([[3, 4]]);
      const loss = linear(x, w).mul(2).sum();
      x.dispose();
      expect(() => loss.backward()).toThrow("disposed of");
      const start = tensor([[1]]);
      start.dispose();
      expect(() => linear(tensor([[3, 4]]), w).backward(start)).toThrow(
        "backward: expected a live",
      );
    });
    expect(memoryUsage().heapBytes).toBe(heapBytes);
    w.dispose();
  });
});
