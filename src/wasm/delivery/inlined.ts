// Everywhere that compiles WebAssembly from bytes: the kernels travel as text inside the bundle.
import { inflateSync } from "fflate";
import { plain, relaxed } from "../generated/inline.js";
import type { KernelSource } from "../kernel-source.js";

export const source: KernelSource = {
  delivery: "inlined",
  plain: () => decode(plain),
  relaxed: () => decode(relaxed),
};

function decode({ size, base64 }: { size: number; base64: string }): Uint8Array<ArrayBuffer> {
  const deflated = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  return inflateSync(deflated, { out: new Uint8Array(size) }) as Uint8Array<ArrayBuffer>;
}
