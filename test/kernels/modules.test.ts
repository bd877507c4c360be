// What modules on one memory may rely on: static data in reserved ranges, apart from each other, and never written.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { BUILDS, builtModule, HEAP_BASE, MODULES } from "../../scripts/kernel-modules.mjs";
import { Adam, initSync, LSTM, manualSeed, tensor } from "../../src/index.js";
import { buffer } from "../../src/wasm/backend.js";
import * as generated from "../../src/wasm/generated/modules.js";

const CANARY = 0xa5;
type Statics = readonly [from: number, to: number];
const modules = Object.entries(MODULES).map(([name, module]) => ({
  name,
  statics: module.statics as unknown as Statics,
  insteadOf: "insteadOf" in module ? module.insteadOf : undefined,
}));

/** What a module's static data end at, and the memory after it was made: canaries and its data. */
function instance(name: string, build: string): { end: number; bytes: Uint8Array } {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const bytes = new Uint8Array(memory.buffer).fill(CANARY);
  const module = new WebAssembly.Module(readFileSync(builtModule(name, build)));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return { end: (exports.heapBase as () => number)(), bytes };
}

it("have ranges apart, unless one takes the place of the other; the heap begins behind them", () => {
  for (const a of modules)
    for (const b of modules) {
      if (a === b || a.insteadOf === b.name || b.insteadOf === a.name) continue;
      expect([
        a.name,
        b.name,
        a.statics[1] <= b.statics[0] || b.statics[1] <= a.statics[0],
      ]).toEqual([a.name, b.name, true]);
    }
  expect(Math.max(...modules.map(({ statics }) => statics[1]))).toBe(HEAP_BASE);
  expect(generated.HEAP_BASE).toBe(HEAP_BASE);
  expect(HEAP_BASE % 64).toBe(0);
});

describe.each(Object.keys(BUILDS))("in the %s build", (build) => {
  const runs = WebAssembly.validate(readFileSync(builtModule("main", build)));

  it.skipIf(!runs).each(modules)("$name keeps to its range", ({ name, statics: [from, to] }) => {
    const { end, bytes } = instance(name, build);
    expect(end).toBeGreaterThanOrEqual(from);
    expect(end).toBeLessThanOrEqual(to);
    const outside = bytes.map((byte, at) => (at >= from && at < end ? CANARY : byte));
    expect(outside.every((byte) => byte === CANARY)).toBe(true);
  });
});

it("no kernel of a training step writes to static memory", () => {
  initSync({ build: "plain" });
  const before = buffer().slice(0, HEAP_BASE);
  manualSeed(1);
  const lstm = new LSTM(5, 7, { bidirectional: true });
  const optimizer = new Adam(lstm.parameters());
  const { output } = lstm.forward(
    tensor(new Float32Array(3 * 4 * 5).fill(0.5), { shape: [3, 4, 5] }),
  );
  output.mul(output).mean().backward();
  optimizer.step();
  expect(new Uint8Array(buffer().slice(0, HEAP_BASE))).toEqual(new Uint8Array(before));
});
