// Compiles assembly/ into build/*.wasm and writes the two generated sources the host needs:
// the typed interface of every kernel, and the two shipped modules as text.
//   node scripts/build-wasm.mjs [plain relaxed debug]
//   node scripts/build-wasm.mjs plain --names: only build/named/plain.wasm, whose functions have names, for profilers
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { abiHash, kernelInterface } from "./kernel-interface.mjs";
import { inlineModules } from "./inline-modules.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const asc = createRequire(import.meta.url).resolve("assemblyscript/bin/asc.js");
// Binaryen comes with the compiler, which would run the same optimizer with more inlining: a tenth more bytes, no gain.
const optimizer = join(
  dirname(createRequire(asc).resolve("binaryen/package.json")),
  "bin/wasm-opt",
);
const generated = join(root, "src/wasm/generated");
const names = process.argv.includes("--names");
const chosen = process.argv.slice(2).filter((name) => name !== "--names");
const targets = chosen.length ? chosen : ["plain", "relaxed", "debug"];

mkdirSync(join(root, "build/named"), { recursive: true });
mkdirSync(generated, { recursive: true });

const abi = `ABI_HASH=${abiHash(join(root, "assembly/index.ts"))}`;

// All at once: each compiler runs on one core.
const statuses = await Promise.all(targets.map(compile));
const failure = statuses.find((status) => status !== 0);
if (failure !== undefined) process.exit(failure);

if (names) process.exit(0);

writeFileSync(join(generated, "kernels.ts"), kernelInterface(join(root, "assembly/index.ts")));
writeFileSync(join(generated, "inline.ts"), await inlineModules(join(root, "build")));

async function compile(target) {
  // The debug build also exports the slow reference kernels that tests compare with.
  const debug = target === "debug";
  const config = debug ? "asconfig.debug.json" : "asconfig.json";
  const entry = debug ? ["assembly/index.debug.ts"] : [];
  const args = [asc, ...entry, "--config", config, "--target", target, "--use", abi];
  if (names)
    args.push(
      "--debug",
      "--outFile",
      `build/named/${target}.wasm`,
      "--textFile",
      `build/named/${target}.wat`,
    );
  const status = await run(args);
  return status !== 0 || debug ? status : optimize(target);
}

async function optimize(target) {
  const shipped = target === "plain" ? "kernels.wasm" : `kernels.${target}.wasm`;
  const file = join(root, "build", names ? `named/${target}.wasm` : shipped);
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
