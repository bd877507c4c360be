// Everywhere that compiles WebAssembly from bytes: the kernels travel as text inside the bundle.
import type { Build, KernelSource } from "../kernel-source.js";
import { decode } from "./decode.js";

/** The builds in `text`, which has a piece of each in turn until their sizes are reached: see scripts/inline-modules.mjs. */
export function inlined(
  text: string,
  piece: number,
  sizes: Readonly<Partial<Record<Build, number>>>,
): KernelSource {
  const builds = Object.entries(sizes).map(([wanted, size]) => {
    const bytesOf = () => {
      const all = decode(text);
      const module = new Uint8Array(size);
      for (let at = 0, from = 0; from < all.length; at += piece)
        for (const [build, length] of Object.entries(sizes)) {
          const part = all.subarray(from, (from += Math.max(0, Math.min(piece, length - at))));
          if (build === wanted && at < size) module.set(part, at);
        }
      return module;
    };
    return [wanted, bytesOf];
  });
  return { delivery: "inlined", builds: Object.fromEntries(builds) as KernelSource["builds"] };
}
