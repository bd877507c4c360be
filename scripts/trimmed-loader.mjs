// AssemblyScript's loader without what kernels never use. It wraps a module's exports for strings, arrays and classes, which
// is most of its code; only numbers cross here, and `runModule` takes the instance's own exports. What it does when it is
// imported goes, too: a TextDecoder, which jsdom lacks, in which pages are tested, and a change to Object.
import { readFileSync } from "node:fs";

const REPLACED = [
  [/const utf16 = new TextDecoder\(.*\);/, ""],
  [
    /Object\.hasOwn = Object\.hasOwn \|\| function\(obj, prop\) \{\s+return .+;\s+\};/,
    "",
  ],
  // Of a string in a module's memory: the way for long ones.
  [
    /if \(len <= STRING_SMALLSIZE\) return (String\.fromCharCode\(\.\.\.wtf16\));[^]*?\n\}/,
    "return $1;\n}",
  ],
  // Of instantiateSync(), the only function that is called; its siblings fall away with what they wrap exports by.
  [
    /(new WebAssembly\.Instance\(module, imports\);)\s+const exports = postInstantiate\(extended, instance\);\s+return \{ module, instance, exports \};/,
    "$1\n  return { module, instance };",
  ],
];

/** @type {import("esbuild").Plugin} */
export const trimmedLoader = {
  name: "trimmed-loader",
  setup(build) {
    build.onLoad({ filter: /@assemblyscript\/loader\/index\.js$/ }, ({ path }) => {
      let contents = readFileSync(path, "utf8");
      for (const [from, to] of REPLACED) {
        if (contents.search(from) < 0) throw new Error(`${path}: expected ${from}`);
        contents = contents.replace(from, to);
      }
      return { contents };
    });
  },
};
