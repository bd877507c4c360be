import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { builtModule } from "../../scripts/kernel-modules.mjs";
import { backend, initSync, tensor } from "../../src/index.js";

it("takes a compiled module, also one of another realm", () => {
  const bytes = readFileSync(builtModule("main", "plain"));
  const module = new WebAssembly.Module(bytes);
  // As edge-runtime injects it: a module by its tag, none by instanceof.
  const prototype: object = Object.create(Object.getPrototypeOf(module) as object) as object;
  Object.setPrototypeOf(prototype, null);
  Object.defineProperty(prototype, Symbol.toStringTag, { value: "WebAssembly.Module" });
  Object.setPrototypeOf(module, prototype);
  expect(module instanceof WebAssembly.Module).toBe(false);
  initSync({ wasm: module });
  expect(backend().delivery).toBe("given");
  using x = tensor([3]);
  expect(x.mul(2).item()).toBe(6);
});
