// The main kernels, one memory, one heap: started on first use, or earlier by init(). Kernels of families join the memory.
import { described } from "../core/described.js";
import { checkCall, checkKeys } from "../core/check.js";
import { source } from "#kernels/main";
import { BackendError, OptionError } from "../core/errors.js";
import type { KnownResponse } from "../core/platform.js";
import { Arena } from "./arena.js";
import { hasRelaxedMadd, hasSimd } from "./features.js";
import type { ForwardKernels, Kernels } from "./generated/kernels.js";
import { ABI, BUILDS, HEAP_BASE } from "./generated/modules.js";
import { Heap } from "./heap.js";
import {
  buildOf,
  instantiate,
  namesOf,
  type KernelBytes,
  type ModuleKernels,
} from "./instantiate.js";
import type { Build, FamilyName, KernelSource, ModuleName } from "./kernel-source.js";

export type { Build } from "./kernel-source.js";

export interface InitSyncOptions {
  /**
   * Which kernels to run. Default `"auto"`: relaxed where the engine has relaxed SIMD, else plain.
   * Choose `"plain"` for bit-for-bit reproducible results.
   */
  build?: Build | "auto" | undefined;
  /** Your own copy of `hiddenstate/kernels.wasm` (or the relaxed one) instead of the inlined one. */
  wasm?: KernelBytes | undefined;
  /**
   * Your own copies of kernels that only a family of models uses, such as `{ structured }` of
   * `hiddenstate/structured.wasm` for CRF and CTC: of the same build as the main kernels.
   */
  modules?: { readonly [name in FamilyName]?: KernelBytes } | undefined;
}

type Fetched<T> = T | KnownResponse | Promise<T | KnownResponse>;

export interface InitOptions extends Omit<InitSyncOptions, "wasm" | "modules"> {
  wasm?: Fetched<KernelBytes> | undefined;
  modules?: { readonly [name in FamilyName]?: Fetched<KernelBytes> } | undefined;
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
  readonly families: Map<FamilyName, ModuleKernels>;
  readonly memory: WebAssembly.Memory;
  readonly heap: Heap;
  readonly arena: Arena;
  readonly info: BackendInfo;
}

let active: Active | undefined;

const INITIAL_PAGES = 16;

/**
 * Starts the backend now, with a build or kernels of your choice. Without it, first use does.
 *
 * @example
 * ```ts
 * initSync({ build: "plain" }); // before the first tensor
 * backend().build; // "plain"
 * ```
 */
export function initSync(options: InitSyncOptions = {}): void {
  checkCall("initSync", arguments, "{build:string wasm:object modules:object}");
  checkModules(options.modules);
  if (active) assertAgrees(active.info, options);
  else active = startAsTold(options);
}

/**
 * As {@link initSync}, and takes `Response`s and promises, so that `init({ wasm: fetch(url) })` works.
 *
 * @example
 * ```ts
 * await init({ build: "plain" });
 * // On a page with the kernels as a file: await init({ wasm: fetch("/kernels.wasm") });
 * ```
 */
export async function init(options: InitOptions = {}): Promise<void> {
  checkCall("init", arguments, "{build:string wasm:object modules:object}");
  const { build, wasm, modules = {} } = options;
  checkModules(modules);
  const fetched = Object.entries(modules).map(async ([name, given]) => [
    name,
    await bytesOf(given),
  ]);
  const [kernels, families] = await Promise.all([bytesOf(wasm), Promise.all(fetched)]);
  initSync({
    ...(build && { build }),
    ...(kernels && { wasm: kernels }),
    modules: Object.fromEntries(families) as NonNullable<InitSyncOptions["modules"]>,
  });
}

function checkModules(modules: object = {}): void {
  checkKeys("init", modules, families().join(" "));
}

async function bytesOf(given: InitOptions["wasm"]): Promise<KernelBytes | undefined> {
  const arrived = await given;
  return isResponse(arrived) ? bodyOf(arrived) : arrived;
}

function isResponse(given: KernelBytes | Response | undefined): given is Response {
  return typeof Response === "function" && given instanceof Response;
}

/** Compiled while it arrives; as bytes where the engine cannot, or the server gives another MIME type. */
async function bodyOf(response: Response): Promise<KernelBytes> {
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

/**
 * Which build runs here and why. Starts the backend if it has not been used yet.
 *
 * @example
 * ```ts
 * const { build, delivery } = backend();
 * console.log(`${build} kernels, ${delivery}`);
 * ```
 */
export function backend(): BackendInfo {
  checkCall("backend", arguments, "");
  return started().info;
}

/** @internal The kernels that both builds of the library have; trainingKernels() has the others. Hot: one check. */
export function kernels(): ForwardKernels {
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

/**
 * @internal The kernels of a family, on the same memory and in the build of the main ones: those given to init(), or
 * those that `source` delivers. Callers keep what they get.
 */
export function familyKernels(name: FamilyName, source: KernelSource): ModuleKernels {
  const { families, memory, info } = started();
  let kernels = families.get(name);
  if (kernels) return kernels;
  const bytes = source.builds[info.build]?.();
  if (bytes === undefined) throw notDelivered(name, info.build, source);
  kernels = instantiate(name, bytes, memory);
  families.set(name, kernels);
  return kernels;
}

function started(): Active {
  return (active ??= start(suited()));
}

interface Choice {
  readonly build: Build;
  readonly reason: string;
}

/** The delivered build that suits this engine. The inference build delivers only the plain one. */
function suited(): Choice {
  if (!TRAINING || source.builds.relaxed === undefined)
    return { build: "plain", reason: "only the plain kernels are delivered" };
  return hasRelaxedMadd()
    ? { build: "relaxed", reason: "the engine has relaxed SIMD" }
    : { build: "plain", reason: "the engine has no relaxed SIMD" };
}

/** Runs the chosen build, or the main kernels that are given. */
function start({ build, reason }: Choice, given?: KernelBytes): Active {
  requireSimd();
  const memory = new WebAssembly.Memory({ initial: INITIAL_PAGES });
  const bytes = given ?? source.builds[build]?.();
  if (bytes === undefined) throw notDelivered("main", build, source);
  const kernels = instantiate("main", bytes, memory) as Kernels;
  const heap = new Heap(memory, HEAP_BASE);
  const info = {
    build: buildOf(kernels),
    delivery: given ? ("given" as const) : source.delivery,
    reason: given ? "the kernels given to init()" : reason,
  };
  return { kernels, families: new Map(), memory, heap, arena: new Arena(heap), info };
}

/** Apart from {@link start}, so that a program that never calls init() carries none of it. */
function startAsTold({ build = "auto", wasm, modules = {} }: InitSyncOptions): Active {
  requireOneOf("build", build, ["auto", ...BUILDS]);
  if (build === "relaxed" && !hasRelaxedMadd())
    throw new BackendError({
      op: "init",
      expected: 'an engine with relaxed SIMD for build "relaxed"',
      got: "one without it",
      cure: 'Use build "auto" or "plain". It is in Chrome 114, Firefox 146, Safari 27.3, Node 22, Deno and Bun 1.',
    });
  const choice = build === "auto" ? suited() : { build, reason: `init() asked for "${build}"` };
  const told = start(choice, wasm);
  if (build !== "auto") requireBuild("main", told.kernels, build);
  for (const [name, bytes] of Object.entries(modules) as [FamilyName, KernelBytes | undefined][]) {
    if (bytes === undefined) continue;
    const family = instantiate(name, bytes, told.memory);
    requireBuild(name, family, told.info.build);
    told.families.set(name, family);
  }
  return told;
}

function families(): string[] {
  return Object.keys(ABI).filter((name) => name !== "main");
}

function requireOneOf(option: string, given: string, known: readonly string[]): void {
  if (known.includes(given)) return;
  throw new OptionError({
    op: "init",
    expected: `${option} to be one of ${known.join(", ")}`,
    got: described(given),
  });
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

function requireBuild(name: ModuleName, kernels: ModuleKernels, build: Build): void {
  const runs = buildOf(kernels);
  if (runs === build) return;
  const names = namesOf(name);
  throw new BackendError({
    op: "init",
    expected: `the ${build} ${names.kernels}`,
    got: `the ${runs} ones in ${names.option}`,
    cure: `Give all modules in one build, and init() that build: { build: "${runs}" }.`,
  });
}

function notDelivered(name: ModuleName, build: Build, source: KernelSource): BackendError {
  const { file, option } = namesOf(name);
  return new BackendError({
    op: "init",
    expected: `${option} for build "${build}" in this runtime`,
    got: `none: only the ${Object.keys(source.builds).join()} kernels are delivered`,
    cure: `Import ${file}${build === "plain" ? "" : `.${build}`}.wasm of the same release and entry and pass it to init() as ${option}.`,
  });
}

function assertAgrees(
  { build: runs }: BackendInfo,
  { build = "auto", wasm, modules = {} }: InitSyncOptions,
): void {
  const given = wasm ?? Object.values(modules).some((bytes) => bytes !== undefined);
  if (!given && (build === "auto" || build === runs)) return;
  throw new BackendError({
    op: "init",
    expected: "to be called before the first tensor is made",
    got: `a backend that already runs the ${runs} kernels`,
    cure: "Call init() once, at the start of the program.",
  });
}
