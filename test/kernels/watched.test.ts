// The watch on stores itself: that it sees every kind of store, and that every kernel is run under it.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readAbi } from "../../scripts/kernel-interface.mjs";
import { entryOf, MODULES } from "../../scripts/kernel-modules.mjs";
import { root } from "../../scripts/package-entries.mjs";
import { assembled, watched } from "./watched.js";

const STORES = `(module
  (import "env" "memory" (memory 1))
  (func (export "run") (param $p i32)
    (v128.store offset=16 (local.get $p) (v128.const i32x4 1 2 3 4))
    (v128.store64_lane offset=32 1 (local.get $p) (v128.const i32x4 1 2 3 4))
    (v128.store32_lane 2 (local.get $p) (v128.const i32x4 1 2 3 4))
    (f32.store offset=4 (local.get $p) (f32.const 5))
    (i32.store8 (local.get $p) (i32.const 6))
    (i64.store offset=8 (local.get $p) (i64.const 7))
    (f64.store (local.get $p) (f64.const 8))
    (memory.fill (local.get $p) (i32.const 0) (i32.const 40))
    (memory.copy (local.get $p) (i32.const 0) (i32.const 24))))`;

it("sees every kind of store, and leaves what it does", () => {
  const run = (bytes: Uint8Array<ArrayBuffer>): { reports: number[][]; memory: Uint8Array } => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    new Uint8Array(memory.buffer).fill(9, 0, 64);
    const reports: number[][] = [];
    const stored = (from: number, size: number) => void reports.push([from - 256, size]);
    const module = new WebAssembly.Module(bytes);
    const { exports } = new WebAssembly.Instance(module, { env: { memory, stored } });
    (exports.run as (at: number) => void)(256);
    return { reports, memory: new Uint8Array(memory.buffer) };
  };
  const bytes = assembled(STORES);
  const { reports, memory } = run(watched(bytes));
  expect(reports).toEqual([
    [16, 16],
    [32, 8],
    [0, 4],
    [4, 4],
    [0, 1],
    [8, 8],
    [0, 8],
    [0, 40],
    [0, 24],
  ]);
  expect(memory).toEqual(run(bytes).memory);
});

describe.each(Object.entries(MODULES).filter(([, module]) => !("insteadOf" in module)))(
  "of the module %s",
  (module) => {
    // Those of a substitute have the same sources.
    const folder = join(root, "test/kernels");
    const sources = readdirSync(folder)
      .filter((file) => file.endsWith(".ts") && !/^(abi|preconditions|watched)\./.test(file))
      .map((file) => readFileSync(join(folder, file), "utf8"))
      .filter((text) => /builds[(<]|bench: Bench/.test(text));
    const kernels = readAbi(entryOf(module))
      .map(({ name }) => name)
      .filter((name) => !["abi", "heapBase", "relaxedSimd"].includes(name));

    it.each(kernels)("%s is run by a test", (name) => {
      expect(sources.some((text) => new RegExp(`\\b${name}\\b`).test(text))).toBe(true);
    });
  },
);
