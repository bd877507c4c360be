import { fileURLToPath } from "node:url";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { kernelAliases } from "./scripts/kernel-modules.mjs";

/**
 * What computes numbers: run over each build. Tests of raw kernels load every build themselves; models are made of what is
 * tested here.
 */
const NUMERIC = [
  "audio",
  "autograd",
  "gradcheck",
  "losses",
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

/** Tests that look at a whole process: its memory, or the start of its backend. */
const ISOLATED = [
  tests("wasm"),
  tests("memory"),
  "test/tensor/{memory-usage,out-of-memory}.test.ts",
];

/** Tests that take seconds each: the command in processes of its own, a copy of the sources built with another model. */
const PROGRAMS = [tests("cli"), "test/models/adding-a-model.test.ts"];

/** What imports the built package, as users do: workers, whose programs are files. */
const BUILT = ["test/parallel/workers.test.ts"];

/**
 * What takes a program seconds takes a minute on a machine with other work. Signals between processes, too, may come at an
 * unlucky moment there: CI tries such a test twice.
 */
const PATIENT = {
  ...{ testTimeout: 120_000, hookTimeout: 120_000 },
  retry: process.env.CI === undefined ? 0 : 1,
};

const setupFile = (name: string): string =>
  fileURLToPath(new URL(`./test/setup/${name}.ts`, import.meta.url));

/** Tests with one build of the kernels under the API. */
function project(
  name: string,
  build: "plain" | "relaxed",
  files: { include: string[]; exclude: string[] },
): TestProjectInlineConfiguration {
  return {
    extends: true,
    // A worker loads the library once: that takes longer than most files' tests.
    test: { name, ...files, execArgv, isolate: false, setupFiles: [setupFile(build)] },
  };
}

export default defineConfig({
  // Tests run the sources; the packed package has `#kernels/…` in its own package.json.
  resolve: { alias: kernelAliases },
  define: { TRAINING: "true" },
  test: {
    // The projects share what is compiled.
    experimental: { fsModuleCache: true },
    // A worker for each core: the runner itself has next to nothing to do.
    maxWorkers: "100%",
    testTimeout: 30_000,
    // Some compile or train something first.
    hookTimeout: 60_000,
    setupFiles: [setupFile("properties")],
    projects: [
      // test/package tests what a build has made: `npm run test:package`.
      project("unit", "plain", {
        include: [tests("**")],
        exclude: [tests("package"), ...ISOLATED, ...PROGRAMS, ...BUILT, tests("docs")],
      }),
      project("relaxed", "relaxed", { include: NUMERIC.map(tests), exclude: PROGRAMS }),
      { extends: true, test: { name: "isolated", include: ISOLATED, execArgv } },
      {
        extends: true,
        test: { name: "programs", include: PROGRAMS, globalSetup: [setupFile("cli")], ...PATIENT },
      },
      // These import dist/ as users do.
      {
        extends: true,
        test: { name: "built", include: BUILT, globalSetup: [setupFile("built")], ...PATIENT },
      },
      // Every example and every page of the documentation: `npm run test:docs`.
      {
        extends: true,
        test: {
          name: "docs",
          include: [tests("docs")],
          globalSetup: [setupFile("built")],
          ...PATIENT,
        },
      },
    ],
  },
});
