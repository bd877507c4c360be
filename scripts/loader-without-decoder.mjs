// AssemblyScript's loader makes a TextDecoder when it is imported, for strings of modules; jsdom, in which pages are tested,
// has none, and kernels have no strings. It makes one when it is asked for one instead.
import { readFileSync } from "node:fs";

const AT_IMPORT = 'const utf16 = new TextDecoder("utf-16le", { fatal: true });';
const WHEN_ASKED =
  'const utf16 = { decode: (text) => new TextDecoder("utf-16le", { fatal: true }).decode(text) };';

/** @type {import("esbuild").Plugin} */
export const loaderWithoutDecoder = {
  name: "loader-without-decoder",
  setup(build) {
    build.onLoad({ filter: /@assemblyscript\/loader\/index\.js$/ }, ({ path }) => {
      const source = readFileSync(path, "utf8");
      if (!source.includes(AT_IMPORT)) throw new Error(`${path}: expected ${AT_IMPORT}`);
      return { contents: source.replace(AT_IMPORT, WHEN_ASKED) };
    });
  },
};
