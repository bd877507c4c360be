// fast-png, iobuffer and jsfive without the text coders that they make when they are imported: jsdom, in which pages are tested, lacks
// them, and only pictures with texts and HDF5 files need them.
import { readFileSync } from "node:fs";

const LAZY = [
  [
    /iobuffer[\\/]lib[\\/]text\.js$/,
    "const encoder = new TextEncoder();",
    "const encoder = { encode: (text) => new TextEncoder().encode(text) };",
  ],
  [
    /fast-png[\\/]lib[\\/]helpers[\\/]text\.js$/,
    "const latin1Decoder = new TextDecoder('latin1');",
    "const latin1Decoder = { decode: (bytes) => new TextDecoder('latin1').decode(bytes) };",
  ],
  [
    /jsfive[\\/]dist[\\/]esm[\\/]index\.mjs$/,
    'struct.unpack_from("8s", new Uint8Array([137, 72, 68, 70, 13, 10, 26, 10]).buffer)[0]',
    '"\\ufffdHDF\\r\\n\\u001a\\n"', // what that is
  ],
];

/** @type {import("esbuild").Plugin} */
export const lazyTextCoders = {
  name: "lazy-text-coders",
  setup(build) {
    for (const [filter, made, lazy] of LAZY)
      build.onLoad({ filter }, ({ path }) => {
        const contents = readFileSync(path, "utf8");
        if (!contents.includes(made)) throw new Error(`${path}: expected ${made}`);
        return { contents: contents.replace(made, lazy) };
      });
  },
};
