// Installs the packed package in a fresh folder and runs test/runtimes/program.mjs there in every
// runtime: the plain kernels must end with the same bits everywhere, the relaxed ones near them.
//   node scripts/test-runtimes.mjs [--all]   (after a build; the runtimes come from npm)
import { spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as esbuild from "esbuild";
import { packPackage } from "./pack-package.mjs";
import { root } from "./package-entries.mjs";

/** How far outputs of the relaxed build may be from the plain one's, after 25 steps of training. */
const RELAXED_TOLERANCE = 1e-4;
const TIMEOUT = 120_000;

const os = process.platform === "win32" ? "win" : process.platform;
const node = (version) => `npm:node-${os}-${process.arch}@${version}`;
/** What is installed, once, in .cache/: exact versions, so that a run means the same tomorrow. */
const packages = {
  node20: node("20.20.0"),
  node22: node("22.23.3"),
  node24: node("24.21.0"),
  node26: node("26.10.0"),
  deno: "2.9.6",
  bun: "1.4.5",
  workerd: "1.20261117.1",
  "edge-runtime": "4.0.1",
};

const cache = join(root, ".cache/runtimes");
const inCache = (path) => join(cache, "node_modules", path);
const nodeBinary = (name) => inCache(`${name}/bin/node`);

const runtimes = [
  { name: "Node 20", run: commandLine(nodeBinary("node20")) },
  { name: "Node 24", run: commandLine(nodeBinary("node24")) },
  {
    name: "Node 24, multiply and add not fused",
    run: commandLine(nodeBinary("node24"), "--no-enable-fma3"),
  },
  { name: "Deno", run: commandLine(inCache(".bin/deno"), "run", "--allow-read") },
  { name: "Bun", run: commandLine(inCache(".bin/bun")) },
  { name: "workerd", run: inWorkerd },
  { name: "edge-runtime", run: inEdgeRuntime },
  { name: "Node 22", run: commandLine(nodeBinary("node22")), extra: true },
  { name: "Node 26", run: commandLine(nodeBinary("node26")), extra: true },
].filter(({ extra }) => !extra || process.argv.includes("--all"));

installRuntimes();
const app = installPackage();
try {
  const rows = [];
  for (const { name, run } of runtimes)
    for (const build of ["plain", "auto"]) rows.push(await attempt(name, build, run));
  judge(rows);
  print(rows);
  if (rows.some(({ faults }) => faults.length > 0)) process.exitCode = 1;
} finally {
  rmSync(app, { recursive: true, force: true });
}

async function attempt(name, build, run) {
  try {
    return { name, asked: build, faults: [], ...(await run(build)) };
  } catch (error) {
    return { name, asked: build, faults: [firstLines(error)] };
  }
}

function firstLines(error) {
  const lines = String(error.message ?? error).split("\n");
  return lines
    .map((line) => line.trim())
    .filter(Boolean)
    .slice(0, 6)
    .join(" / ");
}

function judge(rows) {
  const reference = rows.find(({ checksum }) => checksum);
  for (const row of rows) {
    const { asked, build, checksum, streamed, firstLoss, lastLoss, faults } = row;
    if (!checksum) continue;
    if (asked === "plain" && build !== "plain") faults.push(`runs the ${build} build`);
    if (!(lastLoss < 0.5 * firstLoss)) faults.push(`learned little: ${firstLoss} to ${lastLoss}`);
    if (!row.oneTensorClass) faults.push("another entry has another Tensor class");
    row.distance = Math.max(...streamed.map((x, i) => Math.abs(x - reference.streamed[i])));
    if (build === "plain" && checksum !== reference.checksum) faults.push("other bits");
    if (!(row.distance <= RELAXED_TOLERANCE)) faults.push("outputs too far from the plain build's");
  }
}

function print(rows) {
  const line = (...cells) => console.log(`| ${cells.join(" | ")} |`);
  line("runtime", "version", "asked", "build", "kernels", "checksum", "distance", "");
  line("---", "---", "---", "---", "---", "---", "---", "---");
  for (const { name, asked, faults, version, build, delivery, checksum, distance } of rows) {
    const verdict = faults.length === 0 ? "ok" : `FAILS: ${faults.join("; ")}`;
    const far = distance?.toExponential(1);
    line(...[name, version, asked, build, delivery, checksum, far, verdict].map((x) => x ?? ""));
  }
}

function installRuntimes() {
  const dependencies = JSON.stringify(packages);
  const stamp = join(cache, "installed.json");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === dependencies) return;
  rmSync(cache, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  const specs = Object.entries(packages).map(([name, spec]) => `${name}@${spec}`);
  writeFileSync(join(cache, "package.json"), '{ "private": true }');
  // Bun's own package needs its install script to find the binary; the others would do without.
  execute("npm", ["install", "--no-package-lock", "--no-audit", "--no-fund", ...specs], cache);
  writeFileSync(stamp, dependencies);
}

/** A folder outside the repository, so that nothing resolves to the repository's own packages. */
function installPackage() {
  const folder = mkdtempSync(join(tmpdir(), "hiddenstate-runtimes-"));
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
  const tarball = packPackage(folder);
  execute("npm", ["install", "--offline", "--no-audit", "--no-fund", tarball], folder);
  cpSync(join(root, "test/runtimes"), folder, { recursive: true });
  return folder;
}

function execute(command, args, cwd) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}\n${stdout}${stderr}`);
  return stdout;
}

function commandLine(command, ...flags) {
  return async (build) => {
    const args = [...flags, "main.mjs", build];
    const options = { cwd: app, encoding: "utf8", timeout: TIMEOUT };
    const { status, stdout, stderr, error } = spawnSync(command, args, options);
    if (status !== 0) throw error ?? new Error(stderr);
    const version = execute(command, ["--version"], app).match(/\d+(\.\d+)+/)[0];
    return { version, ...JSON.parse(stdout) };
  };
}

/** Bundles as wrangler does: its conditions, the kernels as modules of their own beside the script. */
async function inWorkerd(build) {
  const folder = join(app, "workerd");
  const { metafile } = await esbuild.build({
    absWorkingDir: app,
    entryPoints: ["worker.mjs"],
    outdir: folder,
    bundle: true,
    format: "esm",
    target: "es2022",
    conditions: ["workerd", "worker", "browser"],
    loader: { ".wasm": "copy" },
    metafile: true,
    logLevel: "silent",
  });
  const modules = Object.keys(metafile.outputs)
    .map((file) => file.replace("workerd/", ""))
    .map((file) => `(name = "${file}", ${kindOf(file)} = embed "${file}")`);
  // The first module is the entry.
  modules.sort((a, b) => Number(b.includes("worker.js")) - Number(a.includes("worker.js")));
  writeFileSync(
    join(folder, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]);
const worker :Workerd.Worker = (
  compatibilityDate = "2026-01-01",
  modules = [${modules.join(", ")}]);
`,
  );
  const server = spawn(inCache(".bin/workerd"), ["serve", "config.capnp", "--control-fd=3"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  try {
    const port = await listeningPort(server);
    return { version: packages.workerd, ...(await get(`http://127.0.0.1:${port}/${build}`)) };
  } finally {
    server.kill();
  }
}

function kindOf(file) {
  return file.endsWith(".wasm") ? "wasm" : "esModule";
}

function listeningPort(server) {
  return new Promise((resolve, reject) => {
    let errors = "";
    server.stderr.on("data", (data) => (errors += data));
    server.stdio[3].on("data", (data) => {
      for (const line of String(data).trim().split("\n")) {
        const { event, port } = JSON.parse(line);
        if (event === "listen") resolve(port);
      }
    });
    server.on("error", reject);
    server.on("exit", () => reject(new Error(errors)));
  });
}

async function get(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT) });
  return parse(await response.text());
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(text);
  }
}

/** Runs in Vercel's emulator, with the modules injected as its bundler would. */
async function inEdgeRuntime(build) {
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
    absWorkingDir: app,
    entryPoints: ["middleware.mjs"],
    bundle: true,
    format: "iife",
    target: "es2022",
    conditions: ["edge-light"],
    plugins: [injected],
    write: false,
    logLevel: "silent",
  });
  const entry = createRequire(join(cache, "package.json")).resolve("edge-runtime");
  const { EdgeRuntime } = (await import(pathToFileURL(entry))).default;
  const runtime = new EdgeRuntime({
    initialCode: outputFiles[0].text,
    extend: (context) => Object.assign(context, kernels),
  });
  const response = await runtime.dispatchFetch(`http://localhost/${build}`);
  await response.waitUntil();
  return { version: packages["edge-runtime"], ...parse(await response.text()) };
}
