// Compiles the kernel modules into build/ and writes the generated sources that the host needs: the interface of each
// module, their hashes and the heap's base, and the delivered builds as text.
//   node scripts/build-wasm.mjs [MODULE … BUILD …]   default: all modules in all builds, and debug
//   node scripts/build-wasm.mjs main plain --names   only build/named/main.wasm, with names of functions, for profilers
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { inlinedModule } from "./inline-modules.mjs";
import { isUnchanged, note } from "./kernel-cache.mjs";
import { abiHash, kernelInterface, moduleTable } from "./kernel-interface.mjs";
import { BUILDS, builtModule, entryOf, moduleFile, MODULES } from "./kernel-modules.mjs";
import { root } from "./package-entries.mjs";

const asc = createRequire(import.meta.url).resolve("assemblyscript/bin/asc.js");
// Binaryen comes with the compiler, which would run the same optimizer with more inlining: a tenth more bytes, no gain.
const optimizer = join(
  dirname(createRequire(asc).resolve("binaryen/package.json")),
  "bin/wasm-opt",
);
const generated = join(root, "src/wasm/generated");

const named = process.argv.includes("--names");
const compilations = [
  ...Object.keys(MODULES).flatMap((module) =>
    Object.keys(BUILDS).map((build) => ({ module, build })),
  ),
  // Debug builds have assertions, the main module's also what its tests call beside the kernels. A substitute has none:
  // its kernels are the other's.
  ...Object.keys(MODULES)
    .filter((module) => !MODULES[module].insteadOf)
    .map((module) => ({ module, build: "debug" })),
].filter(isChosen);

for (const folder of [join(root, "build/named"), join(generated, "delivery")])
  mkdirSync(folder, { recursive: true });

// All at once: each compiler runs on one core. What is built of the same sources by the same tools stays.
const statuses = await Promise.all(compilations.map(named ? compile : compileIfChanged));
const failure = statuses.find((status) => status !== 0);
if (failure !== undefined) process.exit(failure);

if (!named) {
  writeFileSync(join(generated, "modules.ts"), moduleTable());
  for (const [module, { types }] of Object.entries(MODULES)) {
    if (types) writeFileSync(join(generated, `${types.file}.ts`), kernelInterface(module));
    writeFileSync(join(generated, `delivery/${module}.ts`), inlinedModule(module));
  }
}

/** Whether the arguments name this module, or none, and this build, or none. */
function isChosen({ module, build }) {
  const names = process.argv.slice(2).filter((name) => name !== "--names");
  const agrees = (known, name) => !names.some((each) => known(each)) || names.includes(name);
  return agrees((each) => each in MODULES, module) && agrees((each) => !(each in MODULES), build);
}

async function compileIfChanged(compilation) {
  const { module, build } = compilation;
  if (isUnchanged(module, build)) return 0;
  const status = await compile(compilation);
  if (status === 0) note(module, build);
  return status;
}

async function compile({ module, build }) {
  const flags = [
    "--use",
    `ABI_HASH=${abiHash(module)}`,
    "--memoryBase",
    `${MODULES[module].statics[0]}`,
  ];
  const outFile = named
    ? join(root, "build/named", moduleFile(module, build))
    : builtModule(module, build);
  const out = ["--outFile", outFile];
  if (build === "debug")
    return run([
      asc,
      module === "main" ? "assembly/index.debug.ts" : entryOf(module),
      "--config",
      "asconfig.debug.json",
      "--target",
      build,
      ...flags,
      ...out,
    ]);
  const enable = ["--enable", BUILDS[build].join()];
  const names = named ? ["--debug", "--textFile", outFile.replace(/wasm$/, "wat")] : [];
  const status = await run([
    asc,
    entryOf(module),
    "--config",
    "asconfig.json",
    "--noAssert",
    ...enable,
    ...flags,
    ...out,
    ...names,
  ]);
  return status === 0 ? optimize(outFile, build) : status;
}

async function optimize(file, build) {
  const features = ["bulk-memory", "nontrapping-float-to-int", "sign-ext", "mutable-globals"];
  const flags = [...features, ...BUILDS[build]].map((feature) => `--enable-${feature}`);
  if (named) flags.push("--debuginfo");
  const optimized = `${file}.optimized`;
  const status = await run([optimizer, ...flags, "-O3", "--converge", file, "-o", optimized]);
  if (status === 0) renameSync(optimized, file);
  return status;
}

async function run(args) {
  const [status] = await once(
    spawn(process.execPath, args, { cwd: root, stdio: "inherit" }),
    "exit",
  );
  return status ?? 1;
}
