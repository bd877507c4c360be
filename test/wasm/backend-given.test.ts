import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { builtModule } from "../../scripts/kernel-modules.mjs";
import { backend, BackendError, init, initSync, tensor } from "../../src/index.js";
import { hasRelaxedMadd } from "../../src/wasm/features.js";

const bytes = readFileSync(builtModule("main", "plain"));
const EMPTY = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

/** A module that imports a function nobody has. */
const FOREIGN = Uint8Array.from([
  ...EMPTY,
  ...[1, 4, 1, 0x60, 0, 0],
  ...[2, 7, 1, 1, 0x61, 1, 0x62, 0, 0],
]);

it("refuses what are not the kernels, each by its reason, then takes them in any form", async () => {
  const refused = (wasm: Parameters<typeof init>[0] & object): Promise<unknown> =>
    init(wasm).then(
      () => expect.unreachable(),
      (error: unknown) => error,
    );
  const errors = await Promise.all([
    refused({ wasm: Uint8Array.of(1, 2, 3) }),
    refused({ wasm: EMPTY }),
    refused({ wasm: FOREIGN }),
    refused({ wasm: new Response("no", { status: 404 }) }),
    refused({ wasm: bytes, build: "relaxed" }),
  ]);
  for (const error of errors) expect(error).toBeInstanceOf(BackendError);
  const messages = errors.map((error) => (error as Error).message);
  expect(messages[0]).toMatch(
    /^init: expected the kernels, as WebAssembly that this engine knows, got CompileError.* Check that the whole \.wasm file arrived/s,
  );
  const other =
    "init: expected the kernels of this version, got a module with another interface." +
    " Take the .wasm file of the same release and entry.";
  expect(messages.slice(1, 3)).toEqual([other, other]);
  expect(messages[3]).toBe("init: expected a response with the kernels, got status 404 from it.");
  expect(messages[4]).toBe(
    hasRelaxedMadd()
      ? 'init: expected the relaxed kernels, got the plain ones in wasm. Give all modules in one build, and init() that build: { build: "plain" }.'
      : messages[4],
  );

  // No MIME type, a promise of a response: as fetch() from any server gives it.
  await init({ wasm: Promise.resolve(new Response(bytes)) });
  expect(backend()).toEqual({
    build: "plain",
    delivery: "given",
    reason: "the kernels given to init()",
  });
  using x = tensor([3]);
  expect(x.mul(2).item()).toBe(6);
  expect(() => initSync({ wasm: bytes })).toThrow("already runs the plain kernels");
});
