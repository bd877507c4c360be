// The one file that knows AssemblyScript's loader.
import { instantiateSync } from "@assemblyscript/loader";

/** @internal What a module exports, run on these imports. */
export function runModule(
  module: WebAssembly.Module,
  imports: WebAssembly.Imports,
): WebAssembly.Exports {
  // A module from outside the realm (edge-runtime injects it so) is none for the loader. The inference build goes without:
  // only numbers cross, which needs none.
  return TRAINING && module instanceof WebAssembly.Module
    ? instantiateSync(module, imports).instance.exports
    : new WebAssembly.Instance(module, imports).exports;
}
