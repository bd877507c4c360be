import { fileURLToPath } from "node:url";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { kernelAliases } from "./scripts/kernel-modules.mjs";

/** What a user computes with: run over each build. Tests of raw kernels load every build themselves. */
const NUMERIC = [
  "autograd",
  "gradcheck",
  "losses",
  "models",
  "nn",
  "ops",
  "optim",
  "oracle",
  "train",
];

const tests = (folder: string): string => `test/${folder}/**/*.test.ts`;

// Node 20 has relaxed SIMD behind a flag, which later versions may refuse.
const nodeMajor = Number(process.versions.node.split(".")[0]);
const execArgv = nodeMajor < 22 ? ["--experimental-wasm-relaxed-simd"] : [];

/** Tests with one build of the kernels under the API. */
function project(
  build: "plain" | "relaxed",
  files: { include: string[]; exclude?: string[] },
): TestProjectInlineConfiguration {
  const setupFiles = [fileURLToPath(new URL(`./test/setup/${build}.ts`, import.meta.url))];
  return { extends: true, test: { name: build, ...files, execArgv, setupFiles } };
}

export default defineConfig({
  // Tests run the sources; the packed package has `#kernels/…` in its own package.json.
  resolve: { alias: kernelAliases },
  define: { TRAINING: "true" },
  test: {
    // A worker for each core: the runner itself has next to nothing to do.
    maxWorkers: "100%",
    testTimeout: 30_000,
    // Some compile or train something first.
    hookTimeout: 60_000,
    projects: [
      // test/package tests what a build has made: `npm run test:package`.
      project("plain", { include: [tests("**")], exclude: [tests("package"), tests("wasm")] }),
      project("relaxed", { include: NUMERIC.map(tests) }),
      // Starts the backend in every way, on the engine as it comes.
      { extends: true, test: { name: "backend", include: [tests("wasm")] } },
    ],
  },
});
