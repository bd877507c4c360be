// What callers owe a kernel is checked in the debug build, and costs nothing in those that are shipped.
import { describe, expect, it } from "vitest";
import type { Kernels } from "../../src/wasm/generated/kernels.js";
import type { Ptr } from "../../src/wasm/ptr.js";
import { builds } from "./harness.js";

/** Blocks of 256 floats. */
interface Blocks {
  readonly a: Ptr;
  readonly b: Ptr;
  readonly c: Ptr;
}
const shifted = (ptr: Ptr, bytes: number) => (ptr + bytes) as Ptr;

const VIOLATIONS: [string, (k: Kernels, blocks: Blocks) => void][] = [
  ["a packed matrix off its alignment", (k, { a, b }) => k.packB(shifted(b, 16), a, 3, 5, 5)],
  ["a product with one", (k, { a, b, c }) => k.gemm(c, a, shifted(b, 4), 0, 2, 3, 4, 4, 3)],
  ["a row's product with one", (k, { a, b, c }) => k.gemv(c, a, shifted(b, 32), 0, 3, 4)],
  ["a product over its operand", (k, { a, b }) => k.gemm(shifted(a, 4), a, b, 0, 2, 3, 4, 4, 3)],
  ["a sum over the packed matrix", (k, { a, b }) => k.gemmAcc(b, a, b, 2, 3, 4, 4, 3)],
  ["rows of C that overlap", (k, { a, b, c }) => k.gemm(c, a, b, 0, 2, 3, 4, 4, 2)],
  ["rows of A that overlap", (k, { a, b, c }) => k.gemmAcc(c, a, b, 2, 3, 4, 3, 3)],
  ["rows that are copied over themselves", (k, { a }) => k.copyRows(shifted(a, 8), a, 2, 3, 3, 3)],
  ["rows that overlap where they go", (k, { a, b }) => k.copyRows(b, a, 2, 3, 2, 3)],
  ["a sum over its own elements", (k, { a }) => k.sumAxis(shifted(a, 4), a, 1, 3, 2)],
  ["a maximum of nothing", (k, { a, b, c }) => k.maxAxis(a, b, c, 1, 0, 2)],
  ["a mean of nothing", (k, { a, b, c }) => k.layerNormForward(a, b, c, 0, 0, 1, 0, 1e-5)],
  ["a negative count", (k, { a, b }) => k.expForward(b, a, -1)],
  ["a negative count of two vectors at a time", (k, { a, b }) => k.tanhForward(b, a, -3)],
  ["a stride that is neither 0 nor 1", (k, { a, b, c }) => k.mseBackward(a, b, c, c, 3, 2, 1)],
  ["losses over logits", (k, { a, b }) => k.crossEntropyForward(a, 0, a, b, 0, 1, 3, -100, 0)],
  ["a sequence turned in place", (k, { a }) => k.toTimeMajor(a, a, 0, 2, 3, 4)],
];

describe.each(builds())(
  "a violated precondition, $name build",
  ({ name, k, f32, checkCanaries }) => {
    // Not with stores watched: those would report what these write.
    it.skipIf(name.includes("watched")).each(VIOLATIONS)("%s", (_, violate) => {
      const [a, b, c] = [f32(256), f32(new Float32Array(256)), f32(256)];
      // Between others, so that nothing but the assertion stops the kernel.
      const run = () => violate(k, { a: a.ptr, b: b.ptr, c: c.ptr });
      if (name === "debug") expect(run).toThrow("assertion failed");
      else expect(run).not.toThrow();
      checkCanaries();
    });

    it("plans of no axes, or of a last axis that jumps, are none", () => {
      const violate = (dims: number[]) => () => {
        const plan = f32(dims.length);
        new Int32Array(plan.view.buffer, plan.ptr, dims.length).set(dims);
        k.addBroadcast(f32(64).ptr, f32(64).ptr, f32(64).ptr, plan.ptr);
      };
      if (name === "debug") {
        expect(violate([0])).toThrow("assertion failed");
        expect(violate([1, 4, 2, 1])).toThrow("assertion failed");
      }
      expect(violate([1, 4, 1, 1])).not.toThrow();
      checkCanaries();
    });
  },
);
