// A family's kernels: a second module on the memory of the main one, run at first use or given to init().
import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { builtModule } from "../../scripts/kernel-modules.mjs";
import { hasRelaxedMadd } from "../../src/wasm/features.js";

const bytesOf = (module: string, build: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(builtModule(module, build)));

/** A program of its own: the library as nothing has used it yet. */
async function fresh() {
  vi.resetModules();
  const library = await import("../../src/index.js");
  const { structuredKernels } = await import("../../src/wasm/structured.js");
  const { familyKernels } = await import("../../src/wasm/backend.js");
  return { ...library, familyKernels, structuredKernels };
}
let library: Awaited<ReturnType<typeof fresh>>;
beforeEach(async () => {
  library = await fresh();
});

const builds = ["plain", ...(hasRelaxedMadd() ? ["relaxed"] : [])] as ("plain" | "relaxed")[];

describe.each(builds)("with the %s build", (build) => {
  it("runs the same build, once, when it is first used", () => {
    const { initSync, structuredKernels, tensor } = library;
    initSync({ build });
    using x = tensor([1, 2]);
    const kernels = structuredKernels();
    expect(kernels.relaxedSimd()).toBe(build === "relaxed" ? 1 : 0);
    expect(structuredKernels()).toBe(kernels);
    expect(x.toArray()).toEqual([1, 2]);
  });

  it("takes given ones, in any form", async () => {
    const bytes = bytesOf("structured", build);
    const forms = [
      bytes,
      new WebAssembly.Module(bytes),
      new Response(bytes),
      Promise.resolve(new Response(bytes, { headers: { "content-type": "application/wasm" } })),
    ];
    for (const structured of forms) {
      const { init, familyKernels, structuredKernels } = await fresh();
      await init({ build, modules: { structured } });
      const given = familyKernels("structured", { delivery: "inlined", builds: {} });
      expect(given.relaxedSimd()).toBe(build === "relaxed" ? 1 : 0);
      expect(structuredKernels()).toBe(given);
    }
  });
});

it("starts the main kernels where nothing has", () => {
  const kernels = library.structuredKernels();
  expect(kernels.relaxedSimd()).toBe(library.backend().build === "relaxed" ? 1 : 0);
});

describe("refuses, and starts nothing then,", () => {
  const refusal = (options: Parameters<typeof library.initSync>[0]): Error => {
    try {
      library.initSync(options);
    } catch (error) {
      library.initSync({ build: "plain" });
      return error as Error;
    }
    return expect.unreachable("it was taken");
  };

  it("kernels of another interface", () => {
    const error = refusal({ build: "plain", modules: { structured: bytesOf("main", "plain") } });
    expect(error).toBeInstanceOf(library.BackendError);
    expect(error.message).toBe(
      "init: expected the structured kernels of this version, got a module with another interface." +
        " Take the .wasm file of the same release and entry.",
    );
  });

  it("what is no WebAssembly", () => {
    const error = refusal({ build: "plain", modules: { structured: Uint8Array.of(1, 2, 3) } });
    expect(error).toBeInstanceOf(library.BackendError);
    expect(error.message).toMatch(
      /^init: expected the structured kernels, as WebAssembly that this engine knows, got CompileError/,
    );
  });

  it.runIf(hasRelaxedMadd())("kernels of another build", () => {
    const error = refusal({
      build: "plain",
      modules: { structured: bytesOf("structured", "relaxed") },
    });
    expect(error).toBeInstanceOf(library.BackendError);
    expect(error.message).toBe(
      'init: expected the plain structured kernels, got the relaxed ones in modules.structured. Give all modules in one build, and init() that build: { build: "relaxed" }.',
    );
  });

  it("modules that nobody knows", () => {
    const error = refusal({ modules: { struktured: bytesOf("structured", "plain") } as object });
    expect(error).toBeInstanceOf(library.OptionError);
    expect(error.message).toBe(
      'init: expected options among structured, extra, attention, vectors, audio, got "struktured".',
    );
  });

  it("a response without the kernels", async () => {
    const structured = new Response("no", { status: 404 });
    await expect(library.init({ modules: { structured } })).rejects.toThrow(
      "init: expected a response with the kernels, got status 404 from it.",
    );
  });
});

it("refuses given ones once the backend runs", () => {
  library.tensor([1]).dispose();
  expect(() =>
    library.initSync({ modules: { structured: bytesOf("structured", "plain") } }),
  ).toThrow("already runs");
  library.initSync({ modules: {} });
});

it("says which file to give where the build that runs is not delivered", () => {
  library.initSync({ build: "plain" });
  const without = {
    delivery: "imported",
    builds: { relaxed: () => bytesOf("structured", "relaxed") },
  } as const;
  expect(() => library.familyKernels("structured", without)).toThrow(
    'init: expected modules.structured for build "plain" in this runtime, got none: ' +
      "only the relaxed kernels are delivered. Import structured.wasm of the same release and entry and pass it to init() as modules.structured.",
  );
});
