// Everywhere that compiles WebAssembly from bytes: the kernels travel as text inside the bundle.
import type { Build, KernelSource } from "../kernel-source.js";
import { decode } from "./decode.js";

/**
 * The builds in `text`, as scripts/inline-modules.mjs wrote them: a piece of each in turn, all of them as long as the
 * longest, whose sizes are given.
 */
export function inlined(
  text: string,
  piece: number,
  sizes: Readonly<Partial<Record<Build, number>>>,
): KernelSource {
  const longest = Math.max(...Object.values(sizes));
  const builds = Object.entries(sizes).map(([build, size], i, { length: count }) => {
    const bytesOf = () => {
      const all = decode(text);
      const module = new Uint8Array(longest);
      for (let at = 0; at < longest; at += piece) {
        const length = Math.min(piece, longest - at);
        const from = at * count + length * i;
        module.set(all.subarray(from, from + length), at);
      }
      return module.subarray(0, size);
    };
    return [build, bytesOf];
  });
  return { delivery: "inlined", builds: Object.fromEntries(builds) as KernelSource["builds"] };
}
