// Writes dist/kernels/: the compiled modules, and the files behind `#kernels/NAME` that bring them to each runtime.
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { BUILDS, builtModule, kernelAliases, moduleFile, MODULES } from "./kernel-modules.mjs";
import { root } from "./package-entries.mjs";

/** @param {esbuild.BuildOptions} options those of every bundle */
export async function deliverKernels(options) {
  const folder = join(root, "dist/kernels");
  mkdirSync(folder, { recursive: true });
  for (const [module, { delivered }] of Object.entries(MODULES)) {
    for (const build of Object.keys(BUILDS))
      copyFileSync(builtModule(module, build), join(folder, moduleFile(module, build)));
    // Cloudflare Workers compile no WebAssembly from bytes: the kernels are modules of the Worker.
    writeFileSync(join(folder, `${module}.workerd.js`), importing(module, delivered, ""));
    // Vercel's middleware compiles none either; `?module` imports it compiled. Every such import is compiled at start,
    // also under Node 20, which refuses relaxed SIMD: so only the plain one.
    writeFileSync(join(folder, `${module}.edge-light.js`), importing(module, ["plain"], "?module"));
  }
  // Everywhere else they travel as text.
  const names = Object.keys(MODULES).map((name) => [
    `kernels/${name}`,
    kernelAliases[`#kernels/${name}`],
  ]);
  return esbuild.build({ ...options, entryPoints: Object.fromEntries(names) });
}

/** A source of kernels whose static imports the platform's bundler turns into compiled modules. */
function importing(module, builds, query) {
  const imports = builds.map(
    (build) => `import ${build} from "./${moduleFile(module, build)}${query}";\n`,
  );
  const members = builds.map((build) => `${build}: () => ${build}`);
  return `${imports.join("")}
export const source = { delivery: "imported", builds: { ${members.join(", ")} } };
`;
}
