// Vercel's emulator of its middleware, with the modules injected as its bundler would.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as esbuild from "esbuild";
import { parse } from "./execute.mjs";
import { inCache, packages } from "./packages.mjs";
import { attempt, BUILDS } from "./rows.mjs";

export const edgeRuntime = {
  name: "edge-runtime",
  async *rows({ folder }) {
    for (const asked of BUILDS) yield attempt({ name: this.name, asked }, () => run(folder, asked));
  },
};

async function run(folder, asked) {
  const kernels = {};
  const injected = {
    name: "injected-kernels",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /\.wasm\?module$/ }, ({ path, resolveDir }) => ({
        path: join(resolveDir, path.replace("?module", "")),
        namespace: "injected",
      }));
      onLoad({ filter: /.*/, namespace: "injected" }, ({ path }) => {
        const name = `wasm${Object.keys(kernels).length}`;
        kernels[name] = new WebAssembly.Module(readFileSync(path));
        return { contents: `export default globalThis.${name};` };
      });
    },
  };
  const { outputFiles } = await esbuild.build({
    absWorkingDir: folder,
    entryPoints: ["middleware.mjs"],
    bundle: true,
    format: "iife",
    target: "es2022",
    conditions: ["edge-light"],
    plugins: [injected],
    write: false,
    logLevel: "silent",
  });
  const entry = createRequire(inCache(".")).resolve("edge-runtime");
  const { EdgeRuntime } = (await import(pathToFileURL(entry))).default;
  const runtime = new EdgeRuntime({
    initialCode: outputFiles[0].text,
    extend: (context) => Object.assign(context, kernels),
  });
  const response = await runtime.dispatchFetch(`http://localhost/${asked}`);
  await response.waitUntil();
  return { version: packages["edge-runtime"], ...parse(await response.text()) };
}
