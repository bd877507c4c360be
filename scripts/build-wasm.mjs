// Compiles assembly/ into build/*.wasm (build/infer/*.wasm for the inference build) and writes the generated
// sources the host needs: the typed interface of every kernel, and the shipped modules as text.
//   node scripts/build-wasm.mjs [plain relaxed infer debug]
//   node scripts/build-wasm.mjs plain --names: only build/named/plain.wasm, whose functions have names, for profilers
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { abiHash, abiOfSubset, kernelInterface } from "./kernel-interface.mjs";
import { inlineModule, inlineModules } from "./inline-modules.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const asc = createRequire(import.meta.url).resolve("assemblyscript/bin/asc.js");
// Binaryen comes with the compiler, which would run the same optimizer with more inlining: a tenth more bytes, no gain.
const optimizer = join(
  dirname(createRequire(asc).resolve("binaryen/package.json")),
  "bin/wasm-opt",
);
const generated = join(root, "src/wasm/generated");
const build = join(root, "build");

/** What is compiled: the configuration, its target, the ABI, what stands behind the configuration's entry. */
const all = join(root, "assembly/index.ts");
const forward = join(root, "assembly/infer.ts");
const COMPILATIONS = {
  plain: [{ config: "asconfig.json", target: "plain", abi: all }],
  relaxed: [{ config: "asconfig.json", target: "relaxed", abi: all }],
  infer: [
    { config: "asconfig.infer.json", target: "plain", abi: forward },
    { config: "asconfig.infer.json", target: "relaxed", abi: forward },
  ],
  // The debug build also exports the slow reference kernels that tests compare with.
  debug: [{ config: "asconfig.debug.json", target: "debug", abi: all, entry: "index.debug.ts" }],
};
const names = process.argv.includes("--names");
const chosen = process.argv.slice(2).filter((name) => name !== "--names");
const targets = chosen.length ? chosen : Object.keys(COMPILATIONS);

for (const folder of ["infer", "named"]) mkdirSync(join(build, folder), { recursive: true });
mkdirSync(generated, { recursive: true });

// All at once: each compiler runs on one core.
const statuses = await Promise.all(targets.flatMap((name) => COMPILATIONS[name]).map(compile));
const failure = statuses.find((status) => status !== 0);
if (failure !== undefined) process.exit(failure);
if (names) process.exit(0);

for (const [name, text] of Object.entries({
  "kernels.ts": kernelInterface(all),
  "kernels.infer.ts": abiOfSubset(forward, all),
  "inline.ts": inlineModules(build),
  "inline.infer.ts": inlineModule(join(build, "infer/kernels.wasm")),
}))
  writeFileSync(join(generated, name), text);

async function compile({ config, target, abi, entry }) {
  const entries = entry ? [`assembly/${entry}`] : [];
  const hash = `ABI_HASH=${abiHash(abi)}`;
  const args = [asc, ...entries, "--config", config, "--target", target, "--use", hash];
  const named = `build/named/${target}`;
  if (names) args.push("--debug", "--outFile", `${named}.wasm`, "--textFile", `${named}.wat`);
  const status = await run(args);
  if (status !== 0 || target === "debug") return status;
  if (names) return optimize(join(root, `${named}.wasm`), target);
  const file = target === "plain" ? "kernels.wasm" : `kernels.${target}.wasm`;
  return optimize(join(build, abi === forward ? "infer" : "", file), target);
}

async function optimize(file, target) {
  const features = [
    "simd",
    "bulk-memory",
    "nontrapping-float-to-int",
    "sign-ext",
    "mutable-globals",
  ];
  if (target === "relaxed") features.push("relaxed-simd");
  const flags = features.map((feature) => `--enable-${feature}`);
  const status = await run([
    optimizer,
    ...flags,
    ...(names ? ["--debuginfo"] : []),
    "-O3",
    "--converge",
    file,
    "-o",
    `${file}.optimized`,
  ]);
  if (status === 0) renameSync(`${file}.optimized`, file);
  return status;
}

async function run(args) {
  const [status] = await once(
    spawn(process.execPath, args, { cwd: root, stdio: "inherit" }),
    "exit",
  );
  return status ?? 1;
}
