// What the kernel benchmarks share: the modules of one build on one memory, the ceiling, a clock.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { builtModule, HEAP_BASE, moduleFile } from "../../scripts/kernel-modules.mjs";

const asc = createRequire(import.meta.url).resolve("assemblyscript/bin/asc.js");
const folder = fileURLToPath(new URL(".", import.meta.url));

/** The kernels of a module and build with the names of their functions, for a profiler. */
export function namedKernels(build, module = "main") {
  const script = join(folder, "../../scripts/build-wasm.mjs");
  const { status } = spawnSync(process.execPath, [script, module, build, "--names"], {
    stdio: "inherit",
  });
  if (status !== 0) throw new Error("the kernels do not compile");
  return readFileSync(join(folder, "../../build/named", moduleFile(module, build)));
}

/** Compiles a source of bench/kernels/assembly with the flags of the shipped build. */
function compile(source, build) {
  const directory = mkdtempSync(join(tmpdir(), "kernels-"));
  const out = join(directory, "out.wasm");
  const features = build === "relaxed" ? "simd,relaxed-simd" : "simd";
  const flags = [
    "--runtime",
    "stub",
    "--importMemory",
    "--initialMemory",
    "1",
    "-O3",
    "--converge",
  ];
  const { status } = spawnSync(
    process.execPath,
    [asc, join("assembly", source), ...flags, "--noAssert", "--enable", features, "-o", out],
    { cwd: folder, stdio: "inherit" },
  );
  if (status !== 0) throw new Error(`${source} does not compile`);
  const bytes = readFileSync(out);
  rmSync(directory, { recursive: true });
  return bytes;
}

const instance = (bytes, memory) =>
  new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } }).exports;

/** The shipped kernels of one build ("plain" or "relaxed"), the extra ones and those of attention too, and buffers of small random numbers. */
export function load(build) {
  const memory = new WebAssembly.Memory({ initial: 64 });
  const [main, ...others] = ["main", "extra", "attention"].map((module) =>
    instance(readFileSync(builtModule(module, build)), memory),
  );
  const kernels = Object.assign({}, ...others, main);
  let top = HEAP_BASE;
  /** Room for `n` floats: `scale` times uniform noise round 0. */
  const buffer = (n, scale = 0.1) => {
    const at = top;
    top = (at + n * 4 + 64 + 63) & -64;
    const missing = top + 64 - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / 65536));
    const view = new Float32Array(memory.buffer, at, n);
    for (let i = 0; i < n; i++) view[i] = (Math.random() * 2 - 1) * scale;
    return at;
  };
  /** Forgets the buffers made by `fn` when it ends. */
  const scratch = (fn) => {
    const mark = top;
    const result = fn();
    top = mark;
    return result;
  };
  return { kernels, memory, buffer, scratch };
}

/** Fewest nanoseconds of a call: at least 20 of them and `budget` milliseconds, after a warm-up. */
export function fastest(fn, budget = 150) {
  const clock = () => Number(process.hrtime.bigint());
  const warm = clock() + budget * 5e5;
  do fn();
  while (clock() < warm);
  let best = Infinity;
  const stop = clock() + budget * 1e6;
  for (let calls = 0, now = clock(); now < stop || calls < 20; calls++) {
    fn();
    const after = clock();
    best = Math.min(best, after - now);
    now = after;
  }
  return best;
}

/** GFLOP/s of multiply-add chains that never leave the registers: what this run can reach at most. */
export function ceiling(build) {
  const x = instance(compile("ceiling.ts", build), new WebAssembly.Memory({ initial: 1 }));
  const rounds = 20000;
  return (rounds * x.ceilingFlop()) / fastest(() => x.ceiling(rounds), 300);
}

export function builds() {
  const asked = process.argv.slice(2).filter((name) => name === "plain" || name === "relaxed");
  if (asked.length) return asked;
  const relaxed = readFileSync(builtModule("main", "relaxed"));
  return WebAssembly.validate(relaxed) ? ["plain", "relaxed"] : ["plain"];
}

export function printMachine() {
  console.log(`${cpus()[0].model}, Node ${process.versions.node}, V8 ${process.versions.v8}`);
}
