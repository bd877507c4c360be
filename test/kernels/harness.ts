// Drives raw kernels in every build, with canary bytes and NaN round every buffer.
import { readFileSync } from "node:fs";
import { builtModule, HEAP_BASE } from "../../scripts/kernel-modules.mjs";
import { hasRelaxedMadd } from "../../src/wasm/features.js";
import type { ExtraKernels } from "../../src/wasm/generated/extra.js";
import type { Kernels as MainKernels } from "../../src/wasm/generated/kernels.js";
import type { Ptr } from "../../src/wasm/ptr.js";
import { watched } from "./watched.js";

/** As the library has them: both modules on one memory. */
type Kernels = MainKernels & ExtraKernels;

const ALIGN = 64;
/** Guard bytes on each side of a buffer. Loads may read into them, stores may not. */
const GUARD = 128;
const NAN_CANARY = 0x7fc0beef;

export interface Bench<K = Kernels> {
  readonly name: string;
  readonly k: K;
  /** A fresh buffer of `n` floats between canaries, filled with `values` or NaN. */
  f32(values: ArrayLike<number> | number): F32Buffer;
  i32(values: ArrayLike<number> | number): I32Buffer;
  /** Throws if a kernel wrote outside any buffer made since the last reset; then forgets them all. */
  checkCanaries(): void;
}
interface Buffer {
  readonly ptr: Ptr;
  readonly bytes: number;
}
export interface F32Buffer {
  readonly ptr: Ptr;
  readonly length: number;
  /** The contents now. A fresh view each time: memory may have grown. */
  readonly view: Float32Array;
}
export interface I32Buffer {
  readonly ptr: Ptr;
  readonly length: number;
  readonly view: Int32Array;
}

/**
 * The builds of modules that this engine can run: tests do `describe.each(builds())`. The shipped ones come a second time
 * with every store watched: one outside of the buffers throws, also where it would change nothing.
 */
export function builds<K = Kernels>(...modules: string[]): Bench<K>[] {
  const names = modules.length > 0 ? modules : ["main", "extra"];
  const shipped = ["plain", ...(hasRelaxedMadd() ? ["relaxed"] : [])];
  return [
    ...[...shipped, "debug"].map((build) => load<K>(names, build)),
    ...shipped.map((build) => load<K>(names, build, true)),
  ];
}

/** The debug build also carries the reference kernels of assembly/index.debug.ts. */
export function debugBuild<Extra>(): Bench & { k: Kernels & Extra } {
  return load(["main", "extra"], "debug");
}

function load<K>(modules: readonly string[], build: string, watches = false): Bench<K> {
  const memory = new WebAssembly.Memory({ initial: 64 });
  const abort = (_message: number, _file: number, line: number, column: number): never => {
    throw new Error(`assertion failed in a kernel at ${line}:${column}`);
  };
  const stored = (from: number, bytes: number): void => {
    const isInside = (buffer: Buffer) =>
      from >= buffer.ptr && from + bytes <= buffer.ptr + buffer.bytes;
    if (bytes === 0 || (latest && isInside(latest))) return;
    latest = live.find(isInside);
    if (!latest)
      throw new Error(`a kernel stores ${bytes} bytes at ${from}, outside of all buffers`);
  };
  const instances = modules.map((module) => {
    const file = readFileSync(builtModule(module, build));
    const compiled = new WebAssembly.Module(watches ? watched(file) : file);
    return new WebAssembly.Instance(compiled, { env: { memory, abort, stored } }).exports;
  });
  const k = Object.assign({}, ...instances) as K;
  const base = HEAP_BASE;
  let top = base;
  let live: Buffer[] = [];
  let latest: Buffer | undefined;

  const allocate = (bytes: number): Ptr => {
    const ptr = ((top + GUARD + ALIGN - 1) & -ALIGN) as Ptr;
    top = ptr + bytes + GUARD;
    const missing = top + ALIGN - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / 65536));
    guards(memory, ptr, bytes).forEach((words) => words.fill(NAN_CANARY));
    live.push({ ptr, bytes });
    return ptr;
  };

  return {
    name: watches ? `${build}, stores watched` : build,
    k,
    f32(values) {
      const length = typeof values === "number" ? values : values.length;
      const ptr = allocate(length * 4);
      const view = () => new Float32Array(memory.buffer, ptr, length);
      if (typeof values === "number") view().fill(NaN);
      else view().set(values);
      return {
        ptr,
        length,
        get view() {
          return view();
        },
      };
    },
    i32(values) {
      const length = typeof values === "number" ? values : values.length;
      const ptr = allocate(length * 4);
      const view = () => new Int32Array(memory.buffer, ptr, length);
      if (typeof values === "number") view().fill(0x55555555);
      else view().set(values);
      return {
        ptr,
        length,
        get view() {
          return view();
        },
      };
    },
    checkCanaries() {
      const broken = live.find(({ ptr, bytes }) =>
        guards(memory, ptr, bytes).some((words) => words.some((word) => word !== NAN_CANARY)),
      );
      live = [];
      latest = undefined;
      top = base;
      if (broken) throw new Error(`a kernel wrote outside its buffer of ${broken.bytes} bytes`);
    },
  };
}

function guards(memory: WebAssembly.Memory, ptr: number, bytes: number): Int32Array[] {
  return [
    new Int32Array(memory.buffer, ptr - GUARD, GUARD >> 2),
    new Int32Array(memory.buffer, ptr + bytes, GUARD >> 2),
  ];
}

/** Numbers that are neither symmetric nor repeated, from a fixed seed (mulberry32), in [-scale, scale). */
export function noise(n: number, seed = 1, scale = 1): Float32Array {
  const out = new Float32Array(n);
  let s = seed >>> 0;
  for (let i = 0; i < n; i++) {
    s = (s + 0x6d2b79f5) >>> 0;
    let t = Math.imul(s ^ (s >>> 15), 1 | s);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    out[i] = (((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1) * scale;
  }
  return out;
}

/** Largest |a - b|, with NaN counted as equal only to NaN. */
export function maxError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length)
    throw new Error(`lengths ${actual.length} and ${expected.length}`);
  let worst = 0;
  for (let i = 0; i < actual.length; i++) {
    const a = actual[i]!;
    const e = expected[i]!;
    if (Object.is(a, e) || a === e) continue;
    const error = Math.abs(a - e);
    if (Number.isNaN(error)) return NaN;
    worst = Math.max(worst, error);
  }
  return worst;
}
