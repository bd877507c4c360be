// From compiled kernels, or bytes of them, to their exports.
import { BackendError, internal } from "../core/errors.js";
import { ABI_HASH, type Kernels } from "./generated/kernels.js";
import { runModule } from "./run-module.js";

/** `WebAssembly.Module`; where the compiler knows no such type (Node without the DOM's), any object. */
export type CompiledModule = typeof globalThis extends {
  WebAssembly: { Module: { prototype: infer Module } };
}
  ? Module
  : object;

/** Compiled kernels, or the bytes of them. */
export type KernelBytes = CompiledModule | ArrayBuffer | ArrayBufferView<ArrayBuffer>;

/** @internal Runs a module on a memory. Throws {@link BackendError} where the engine or the module refuses. */
export function instantiate(source: KernelBytes, memory: WebAssembly.Memory): Kernels {
  const imports = { env: { memory, abort } };
  const kernels = run(isModule(source) ? source : compile(source), imports);
  if (typeof kernels.abi !== "function" || kernels.abi() !== ABI_HASH) throw notTheKernels();
  return kernels;
}

function run(module: WebAssembly.Module, imports: WebAssembly.Imports): Kernels {
  try {
    return runModule(module, imports) as unknown as Kernels;
  } catch (cause) {
    // Imports that nobody has are a TypeError, those of another kind a LinkError.
    if (cause instanceof TypeError || cause instanceof WebAssembly.LinkError)
      throw notTheKernels(cause);
    // WebKit asks the page's policy here, the others when they compile.
    throw refused(cause);
  }
}

function notTheKernels(cause?: unknown): BackendError {
  return new BackendError(
    {
      op: "init",
      expected: "the kernels of this version",
      got: "a module with another interface",
      cure: "Take the .wasm file of the same release and entry.",
    },
    { cause },
  );
}

function isModule(value: unknown): value is WebAssembly.Module {
  return Object.prototype.toString.call(value) === "[object WebAssembly.Module]";
}

function compile(bytes: BufferSource): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes);
  } catch (cause) {
    throw refused(cause);
  }
}

function refused(cause: unknown): BackendError {
  return new BackendError(
    {
      op: "init",
      expected: "WebAssembly that compiles here",
      got: String(cause),
      cure:
        "On a page, add 'wasm-unsafe-eval' to script-src in its Content-Security-Policy. " +
        "Where no bytes compile, import the .wasm file and pass it to init({ wasm }).",
    },
    { cause },
  );
}

function abort(_message: number, _file: number, line: number, column: number): never {
  throw internal(`a kernel's assertion failed at ${line}:${column}`);
}
