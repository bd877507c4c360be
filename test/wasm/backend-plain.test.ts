import { expect, it } from "vitest";
import { backend, BackendError, init, tensor } from "../../src/index.js";
import { hasRelaxedMadd } from "../../src/wasm/features.js";

it("init chooses the build before first use, and a refused choice starts nothing", async () => {
  if (!hasRelaxedMadd()) {
    await expect(init({ build: "relaxed" })).rejects.toThrow(BackendError);
    await expect(init({ build: "relaxed" })).rejects.toThrow(
      'init: expected an engine with relaxed SIMD for build "relaxed", got one without it. Use build "auto"',
    );
  }
  await init({ build: "plain" });
  expect(backend()).toEqual({
    build: "plain",
    delivery: "inlined",
    reason: 'init() asked for "plain"',
  });
  using x = tensor([3]);
  expect(x.mul(2).item()).toBe(6);
});
