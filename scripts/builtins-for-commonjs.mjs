// Lets bundled CommonJS packages `require` Node's builtins from an ES module.
import { builtinModules } from "node:module";

const names = new Set(builtinModules);
const plain = (path) => path.replace(/^node:/, "");

/** @type {import("esbuild").Plugin} */
export const builtinsForCommonJs = {
  name: "builtins-for-commonjs",
  setup(build) {
    build.onResolve({ filter: /^[\w:/]+$/ }, ({ path, kind, namespace }) => {
      if (!names.has(plain(path))) return undefined;
      if (namespace === "builtin-export") return { path, external: true };
      return kind === "require-call" ? { path: plain(path), namespace: "builtin" } : undefined;
    });
    // `require` of an ES module gives its namespace; CommonJS expects the module's own value.
    build.onResolve({ filter: /^builtin-export:/ }, ({ path }) => ({
      path: path.slice("builtin-export:".length),
      namespace: "builtin-export",
    }));
    build.onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({
      contents: `module.exports = require("builtin-export:${path}").value;`,
    }));
    build.onLoad({ filter: /.*/, namespace: "builtin-export" }, ({ path }) => ({
      contents: `export { default as value } from "node:${path}";`,
    }));
  },
};
