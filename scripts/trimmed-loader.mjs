// AssemblyScript's loader without what kernels never use: imports of the standard library, and exports wrapped for strings,
// arrays and classes, which are most of its code. Only numbers cross here, `abort` is given, and `runModule` takes the instance's
// own exports. What it does when it is imported goes, too: a TextDecoder, which jsdom lacks, in which pages are tested, and a
// change to Object.
import { readFileSync } from "node:fs";

const LEFT_OUT = [
  /const utf16 = new TextDecoder\(.*\);/,
  /Object\.hasOwn = Object\.hasOwn \|\| function\(obj, prop\) \{\s+return .+;\s+\};/,
  // Of instantiateSync(), the only function that is called; what these called falls away with its siblings.
  /const extended = preInstantiate\(imports\);\s+(?=const instance = new WebAssembly\.Instance)/,
  /(?<=new WebAssembly\.Instance\(module, imports\);)\s+const exports = postInstantiate\(extended, instance\);/,
  /(?<=new WebAssembly\.Instance\(module, imports\);\s+return \{ module, instance), exports/,
];

/** @type {import("esbuild").Plugin} */
export const trimmedLoader = {
  name: "trimmed-loader",
  setup(build) {
    build.onLoad({ filter: /@assemblyscript\/loader\/index\.js$/ }, ({ path }) => {
      let contents = readFileSync(path, "utf8");
      for (const part of LEFT_OUT) {
        if (!part.test(contents)) throw new Error(`${path}: expected ${part}`);
        contents = contents.replace(part, "");
      }
      return { contents };
    });
  },
};
