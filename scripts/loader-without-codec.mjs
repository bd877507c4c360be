// AssemblyScript's loader makes a TextDecoder when it is loaded, for strings that cross; here only numbers do. Where there
// is none, as under jsdom, everything that imports it would fail.
import { readFileSync } from "node:fs";

const MADE = 'const utf16 = new TextDecoder("utf-16le", { fatal: true });';
const LATER =
  'const utf16 = { decode: (words) => new TextDecoder("utf-16le", { fatal: true }).decode(words) };';

/** @type {import("esbuild").Plugin} */
export const loaderWithoutCodec = {
  name: "loader-without-codec",
  setup(build) {
    build.onLoad({ filter: /@assemblyscript\/loader\/index\.js$/ }, ({ path }) => {
      const source = readFileSync(path, "utf8");
      if (!source.includes(MADE))
        throw new Error(`${path} no longer has the line that is made lazy: ${MADE}`);
      return { contents: source.replace(MADE, LATER), loader: "js" };
    });
  },
};
