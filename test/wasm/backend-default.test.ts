// Each backend test file starts with a fresh module registry: what runs is chosen once a program.
import { expect, it } from "vitest";
import { backend, BackendError, init, initSync, OptionError, tensor } from "../../src/index.js";
import { hasRelaxedMadd, hasSimd } from "../../src/wasm/features.js";

it("first use starts the best build; later calls may agree and may not differ", async () => {
  expect(hasSimd()).toBe(true);
  const build = hasRelaxedMadd() ? "relaxed" : "plain";
  expect(() => initSync({ build: "fast" as "plain" })).toThrow(OptionError);
  expect(() => initSync({ build: "fast" as "plain" })).toThrow(
    'init: expected build to be one of auto, plain, relaxed, got "fast".',
  );
  using x = tensor([1]);
  expect(x.item()).toBe(1);
  expect(backend()).toMatchObject({ build, delivery: "inlined" });
  expect(backend().reason).toMatch(/^the engine has (no )?relaxed SIMD$/);
  initSync();
  initSync({ build });
  await init({ build: "auto" });
  const other = build === "plain" ? "relaxed" : "plain";
  const late = () => initSync({ build: other });
  expect(late).toThrow(BackendError);
  expect(late).toThrow(
    `init: expected to be called before the first tensor is made, got a backend that already runs the ${build} kernels.` +
      " Call init() once, at the start of the program.",
  );
  await expect(init({ build: other })).rejects.toThrow(BackendError);
  await expect(init({ wasm: new Uint8Array(8) })).rejects.toThrow("already runs");
});
