/** @internal What a module exports, run on these imports: numbers only cross, which needs no loader. */
export function runModule(
  module: WebAssembly.Module,
  imports: WebAssembly.Imports,
): WebAssembly.Exports {
  return new WebAssembly.Instance(module, imports).exports;
}
