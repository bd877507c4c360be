// Engines that cannot run the kernels, or may not: the error says what is missing and what to do.
import { afterEach, expect, it, vi } from "vitest";
import { backend, BackendError, tensor } from "../../src/index.js";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function refusal(): Error {
  try {
    tensor([1]);
  } catch (error) {
    expect(error).toBeInstanceOf(BackendError);
    return error as Error;
  }
  return expect.unreachable("the backend started");
}

const WHERE =
  "It is in Chrome 91, Firefox 89, Safari 16.4, Node 16.4, Deno 1.9 and Bun 1," +
  " on CPUs with SSE4.1 or NEON, unless switched off (--jitless).";

it("names WebAssembly where there is none", () => {
  vi.stubGlobal("WebAssembly", undefined);
  expect(refusal().message).toBe(
    `init: expected WebAssembly with 128-bit SIMD, got no WebAssembly. ${WHERE}`,
  );
});

it("names SIMD where it is that", () => {
  vi.spyOn(WebAssembly, "validate").mockReturnValue(false);
  expect(refusal().message).toBe(
    `init: expected WebAssembly with 128-bit SIMD, got WebAssembly without SIMD. ${WHERE}`,
  );
});

it.each(["Module", "Instance"] as const)(
  "says how a page permits what its policy forbids when a %s is made",
  (part) => {
    const policy = new WebAssembly.CompileError("Refused by the Content-Security-Policy");
    vi.spyOn(WebAssembly, part).mockImplementation(function () {
      throw policy;
    });
    const { message, cause } = refusal();
    expect(message).toMatch(
      /^init: expected WebAssembly that compiles here, got CompileError: Ref/,
    );
    expect(message).toContain("add 'wasm-unsafe-eval' to script-src");
    expect(cause).toBe(policy);
  },
);

it("starts as soon as it may", () => {
  expect(backend().delivery).toBe("inlined");
});
