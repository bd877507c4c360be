import { describe, expect, expectTypeOf, it } from "vitest";
import {
  buffer,
  DTypeError,
  GraphError,
  memoryUsage,
  Parameter,
  scope,
  ScopeError,
  tanh,
  tensor,
  zeros,
  type Tensor,
} from "../../src/index.js";

const DISPOSED =
  "expected a live tensor, got one that was disposed of. Call dispose() only after its last use.";

describe("reading", () => {
  it("copies the elements, into a given array where there is one", () => {
    using x = tensor([1, 2, 3]);
    const copy = x.data();
    expectTypeOf(copy).toEqualTypeOf<Float32Array>();
    copy[0] = 9;
    expect(x.toArray()).toEqual([1, 2, 3]);
    const out = new Float32Array(3);
    expect(x.data(out)).toBe(out);
    expect(out).toEqual(Float32Array.of(1, 2, 3));
    expect(() => x.data(new Float32Array(2))).toThrow(
      "data: expected an array of 3 elements, got 2.",
    );
  });

  it("nests as the shape says", () => {
    using x = tensor(Int32Array.of(1, 2, 3, 4, 5, 6), { shape: [3, 1, 2] });
    expect(x.toArray()).toEqual([[[1, 2]], [[3, 4]], [[5, 6]]]);
    using scalar = tensor(4);
    expect(scalar.toArray()).toBe(4);
    using none = zeros([2, 0]);
    expect(none.toArray()).toEqual([[], []]);
  });

  it("gives the one value of any tensor of one element", () => {
    using x = tensor([[[2.5]]]);
    expect(x.item()).toBe(2.5);
    using two = tensor([1, 2]);
    expect(() => two.item()).toThrow(
      "item: expected a tensor of one element, got [2]. Use data() or toArray() for more.",
    );
  });
});

describe("set()", () => {
  it("takes arrays, typed arrays and tensors", () => {
    using x = tensor([
      [1, 2],
      [3, 4],
    ]);
    expect(
      x
        .set([
          [5, 6],
          [7, 8],
        ])
        .data(),
    ).toEqual(Float32Array.of(5, 6, 7, 8));
    expect(x.set(Float64Array.of(1, 2, 3, 4)).data()).toEqual(Float32Array.of(1, 2, 3, 4));
    using y = tensor(Float32Array.of(9, 8, 7, 6), { shape: [2, 2] });
    expect(x.set(y).data()).toEqual(y.data());
    expect(x.set(x).data()).toEqual(y.data());
  });

  it("refuses other counts, shapes, dtypes and results of operations, and changes nothing", () => {
    using x = tensor([1, 2], { requiresGrad: true });
    using flat = tensor([[1, 2]]);
    using ids = tensor(Int32Array.of(1, 2));
    expect(() => x.set([1, 2, 3])).toThrow("set: expected 2 values for shape [2], got 3.");
    expect(() => x.set(flat)).toThrow("set: expected a tensor of shape [2], got [1, 2].");
    expect(() => x.set(ids as unknown as Tensor)).toThrow(DTypeError);
    expect(() => ids.set([1.5, 2])).toThrow(DTypeError);
    using y = tanh(x);
    expect(() => y.set([0, 0])).toThrow(GraphError);
    expect(() => y.set([0, 0])).toThrow("set: expected a leaf, got a result of tanh.");
    expect(x.toArray()).toEqual([1, 2]);
    expect(ids.toArray()).toEqual([1, 2]);
  });
});

describe("sharing", () => {
  it("detach and reshape share memory with their base; clone does not", () => {
    using x = tensor([1, 2, 3, 4]);
    using view = x.reshape([2, 2]);
    using detached = x.detach();
    using copy = x.clone();
    x.set([5, 6, 7, 8]);
    expect(view.toArray()).toEqual([
      [5, 6],
      [7, 8],
    ]);
    expect(detached.toArray()).toEqual([5, 6, 7, 8]);
    expect(copy.toArray()).toEqual([1, 2, 3, 4]);
  });

  it("keeps memory until the last that shares it is disposed of", () => {
    const { heapBytes } = memoryUsage();
    const x = tensor([1, 2, 3, 4]);
    const view = x.reshape([2, 2]);
    x.dispose();
    x.dispose();
    expect(() => x.data()).toThrow(`data: ${DISPOSED}`);
    expect(view.toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(memoryUsage().heapBytes).toBeGreaterThan(heapBytes);
    view.dispose();
    expect(memoryUsage().heapBytes).toBe(heapBytes);
  });
});

describe("dispose()", () => {
  it("makes every use a ScopeError that says so", () => {
    const x = tensor([1]);
    const y = tensor([2]);
    x.dispose();
    for (const [op, use] of [
      ["data", () => x.data()],
      ["item", () => x.item()],
      ["set", () => x.set([1])],
      ["set", () => y.set(x)],
      ["detach", () => x.detach()],
      ["tanh", () => tanh(x)],
      ["add", () => y.add(x)],
      ["Parameter", () => new Parameter(x)],
      ["buffer", () => buffer(x)],
    ] as const) {
      expect(use).toThrow(ScopeError);
      expect(use).toThrow(`${op}: ${DISPOSED}`);
    }
    y.dispose();
  });

  it("comes at the end of a block with using", () => {
    let kept!: Tensor;
    {
      using x = tensor([1]);
      kept = x;
    }
    expect(() => kept.item()).toThrow(DISPOSED);
  });

  it("takes the gradient of a leaf with it", () => {
    const { heapBytes, tensors } = memoryUsage();
    const x = tensor([0.5], { requiresGrad: true });
    scope(() => tanh(x).backward());
    const gradient = x.grad!;
    x.dispose();
    expect(x.grad).toBeUndefined();
    expect(() => gradient.item()).toThrow(DISPOSED);
    expect(memoryUsage()).toMatchObject({ heapBytes, tensors });
  });
});

describe("Parameter and buffer", () => {
  it("copy to the heap whatever scope is open", () => {
    const [p, b, frozen] = scope(() => {
      const values = tensor([1, 2]);
      return [
        new Parameter(values),
        buffer(tensor(Int32Array.of(3))),
        new Parameter(values, { requiresGrad: false }),
      ] as const;
    });
    scope(() => zeros([100]));
    expect(p.toArray()).toEqual([1, 2]);
    expect(p.requiresGrad).toBe(true);
    expect(frozen.requiresGrad).toBe(false);
    expect(b.toArray()).toEqual([3]);
    expect(b.dtype).toBe("int32");
    for (const each of [p, b, frozen]) each.dispose();
  });

  it("a Parameter is float32", () => {
    using ids = tensor(Int32Array.of(1));
    expect(() => new Parameter(ids as unknown as Tensor)).toThrow(
      "Parameter: expected float32, got int32.",
    );
  });
});
