// From a compiled module of kernels, or its bytes, to its exports.
import { BackendError, internal } from "../core/errors.js";
import { ABI } from "./generated/modules.js";
import type { Build, ModuleName } from "./kernel-source.js";
import { runModule } from "./run-module.js";

/**
 * `WebAssembly.Module`; where the compiler knows no such type (Node without the DOM's), any object. Its type has no members, so
 * that a promise or a Response would be one: they are left out.
 */
export type CompiledModule = (typeof globalThis extends {
  WebAssembly: { Module: { prototype: infer Module } };
}
  ? Module
  : object) & { readonly then?: never | undefined; readonly arrayBuffer?: never | undefined };

/** Compiled kernels, or the bytes of them. */
export type KernelBytes = CompiledModule | ArrayBuffer | ArrayBufferView;

/** @internal What the kernels of every module have. */
export interface ModuleKernels {
  abi(): number;
  relaxedSimd(): number;
}

/** @internal Runs a module on a memory. Throws {@link BackendError} where the engine or the module refuses. */
export function instantiate(
  name: ModuleName,
  source: KernelBytes,
  memory: WebAssembly.Memory,
): ModuleKernels {
  const imports = { env: { memory, abort } };
  const kernels = run(name, isModule(source) ? source : compile(name, source), imports);
  if (typeof kernels.abi !== "function" || kernels.abi() !== ABI[name]) throw notTheKernels(name);
  return kernels;
}

/** @internal */
export function buildOf(kernels: ModuleKernels): Build {
  return kernels.relaxedSimd() ? "relaxed" : "plain";
}

/** @internal How errors name a module's kernels, its files, and the option of init() that takes one. */
export function namesOf(name: ModuleName): { kernels: string; file: string; option: string } {
  return name === "main"
    ? { kernels: "kernels", file: "kernels", option: "wasm" }
    : { kernels: `${name} kernels`, file: name, option: `modules.${name}` };
}

function run(
  name: ModuleName,
  module: WebAssembly.Module,
  imports: WebAssembly.Imports,
): ModuleKernels {
  try {
    return runModule(module, imports) as unknown as ModuleKernels;
  } catch (cause) {
    // Imports that nobody has are a TypeError, those of another kind a LinkError.
    if (cause instanceof TypeError || cause instanceof WebAssembly.LinkError)
      throw notTheKernels(name, cause);
    // WebKit asks the page's policy here, the others when they compile.
    throw refused(name, cause);
  }
}

function notTheKernels(name: ModuleName, cause?: unknown): BackendError {
  return new BackendError(
    {
      op: "init",
      expected: `the ${namesOf(name).kernels} of this version`,
      got: "a module with another interface",
      cure: "Take the .wasm file of the same release and entry.",
    },
    { cause },
  );
}

function isModule(value: unknown): value is WebAssembly.Module {
  return Object.prototype.toString.call(value) === "[object WebAssembly.Module]";
}

function compile(name: ModuleName, bytes: BufferSource): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes);
  } catch (cause) {
    throw isValid(bytes) ? refused(name, cause) : notValid(name, cause);
  }
}

/** Validating is allowed also where compiling is not. */
function isValid(bytes: BufferSource): boolean {
  try {
    return WebAssembly.validate(bytes);
  } catch {
    return false;
  }
}

function notValid(name: ModuleName, cause: unknown): BackendError {
  return new BackendError(
    {
      op: "init",
      expected: `the ${namesOf(name).kernels}, as WebAssembly that this engine knows`,
      got: String(cause),
      cure: "Check that the whole .wasm file arrived. The relaxed kernels need an engine with relaxed SIMD.",
    },
    { cause },
  );
}

function refused(name: ModuleName, cause: unknown): BackendError {
  return new BackendError(
    {
      op: "init",
      expected: "WebAssembly that compiles here",
      got: String(cause),
      cure:
        "On a page, add 'wasm-unsafe-eval' to script-src in its Content-Security-Policy. " +
        `Where no bytes compile, import the .wasm file and pass it to init() as ${namesOf(name).option}.`,
    },
    { cause },
  );
}

function abort(_message: number, _file: number, line: number, column: number): never {
  throw internal(`a kernel's assertion failed at ${line}:${column}`);
}
