// One instance of the kernels, one memory, one heap: made on first use, or earlier by init().
import { source } from "#kernels";
import { BackendError, OptionError } from "../core/errors.js";
import { Arena } from "./arena.js";
import { hasRelaxedMadd, hasSimd } from "./features.js";
import type { Kernels } from "./generated/kernels.js";
import { Heap } from "./heap.js";
import { instantiate, type KernelBytes } from "./instantiate.js";

/** `"plain"` gives the same bits on every engine; `"relaxed"` may fuse multiply and add. */
export type Build = "plain" | "relaxed";

export interface InitSyncOptions {
  /**
   * Which kernels to run. Default `"auto"`: relaxed where the engine has relaxed SIMD, else plain.
   * Choose `"plain"` for bit-for-bit reproducible results.
   */
  build?: Build | "auto";
  /** Your own copy of `hiddenstate/kernels.wasm` (or the relaxed one) instead of the inlined one. */
  wasm?: KernelBytes;
}

export interface InitOptions extends Omit<InitSyncOptions, "wasm"> {
  wasm?: KernelBytes | Response | Promise<KernelBytes | Response>;
}

/** What runs, and why. */
export interface BackendInfo {
  readonly build: Build;
  /** Where the kernels came from. */
  readonly delivery: "inlined" | "imported" | "given";
  readonly reason: string;
}

interface Active {
  readonly kernels: Kernels;
  readonly memory: WebAssembly.Memory;
  readonly heap: Heap;
  readonly arena: Arena;
  readonly info: BackendInfo;
}

let active: Active | undefined;

const INITIAL_PAGES = 16;
const BUILDS: readonly string[] = ["auto", "plain", "relaxed"];

/** Starts the backend now, with a build or kernels of your choice. Without it, first use does. */
export function initSync(options: InitSyncOptions = {}): void {
  if (active) assertAgrees(active.info, options);
  else active = start(options);
}

/** As {@link initSync}, and takes a `Response` or a promise, so that `init({ wasm: fetch(url) })` works. */
export async function init({ build, wasm }: InitOptions = {}): Promise<void> {
  const given = await wasm;
  const kernels = isResponse(given) ? await kernelsOf(given) : given;
  initSync({ ...(build && { build }), ...(kernels && { wasm: kernels }) });
}

function isResponse(given: KernelBytes | Response | undefined): given is Response {
  return typeof Response === "function" && given instanceof Response;
}

/** Compiled while it arrives; as bytes where the engine cannot, or the server gives another MIME type. */
async function kernelsOf(response: Response): Promise<KernelBytes> {
  if (!response.ok)
    throw new BackendError({
      op: "init",
      expected: "a response with the kernels",
      got: `status ${response.status} from ${response.url || "it"}`,
    });
  const again = response.clone();
  try {
    return await WebAssembly.compileStreaming(response);
  } catch {
    return again.arrayBuffer();
  }
}

/** Which build runs here and why. Starts the backend if it has not been used yet. */
export function backend(): BackendInfo {
  return started().info;
}

/** @internal The kernels. Hot: one check, one property. */
export function kernels(): Kernels {
  return active === undefined ? started().kernels : active.kernels;
}

/** @internal */
export function heap(): Heap {
  return active === undefined ? started().heap : active.heap;
}

/** @internal */
export function arena(): Arena {
  return active === undefined ? started().arena : active.arena;
}

/** @internal The memory's buffer as it is now: never keep it, growing detaches it. */
export function buffer(): ArrayBuffer {
  return active === undefined ? started().memory.buffer : active.memory.buffer;
}

function started(): Active {
  return (active ??= start({}));
}

function start({ build = "auto", wasm }: InitSyncOptions): Active {
  if (!BUILDS.includes(build))
    throw new OptionError({
      op: "init",
      expected: `build to be one of ${BUILDS.join(", ")}`,
      got: String(build),
    });
  requireSimd();
  const memory = new WebAssembly.Memory({ initial: INITIAL_PAGES });
  const relaxedRuns = hasRelaxedMadd();
  if (build === "relaxed" && !relaxedRuns)
    throw new BackendError({
      op: "init",
      expected: 'an engine with relaxed SIMD for build "relaxed"',
      got: "one without it",
      cure: 'Use build "auto" or "plain". It is in Chrome 114, Firefox 146, Safari 27.3, Node 22, Deno and Bun 1.',
    });
  const delivered = source.relaxed !== undefined;
  const chosen: Build = build !== "auto" ? build : relaxedRuns && delivered ? "relaxed" : "plain";
  const bytes = wasm ?? source[chosen]?.();
  if (bytes === undefined)
    throw new BackendError({
      op: "init",
      expected: 'wasm for build "relaxed" in this runtime',
      got: "none: only the plain kernels are delivered",
      cure: "Import kernels.relaxed.wasm of the same entry and pass it to init({ wasm }).",
    });
  const kernels = instantiate(bytes, memory);
  const runs: Build = kernels.relaxedSimd() ? "relaxed" : "plain";
  if (wasm && build !== "auto" && runs !== build)
    throw new BackendError({
      op: "init",
      expected: `the ${build} kernels`,
      got: `the ${runs} ones in wasm`,
    });
  const heap = new Heap(memory, kernels.heapBase());
  const reason = wasm
    ? "the kernels given to init()"
    : build !== "auto"
      ? `init() asked for "${build}"`
      : relaxedRuns
        ? delivered
          ? "the engine has relaxed SIMD"
          : "only the plain kernels are delivered"
        : "the engine has no relaxed SIMD";
  const info = { build: runs, delivery: wasm ? ("given" as const) : source.delivery, reason };
  return { kernels, memory, heap, arena: new Arena(heap), info };
}

function requireSimd(): void {
  if (hasSimd()) return;
  throw new BackendError({
    op: "init",
    expected: "WebAssembly with 128-bit SIMD",
    got: typeof WebAssembly === "object" ? "WebAssembly without SIMD" : "no WebAssembly",
    cure: "It is in Chrome 91, Firefox 89, Safari 16.4, Node 16.4, Deno 1.9 and Bun 1, on CPUs with SSE4.1 or NEON, unless switched off (--jitless).",
  });
}

function assertAgrees(
  { build: runs }: BackendInfo,
  { build = "auto", wasm }: InitSyncOptions,
): void {
  if (!wasm && (build === "auto" || build === runs)) return;
  throw new BackendError({
    op: "init",
    expected: "to be called before the first tensor is made",
    got: `a backend that already runs the ${runs} kernels`,
    cure: "Call init() once, at the start of the program.",
  });
}
