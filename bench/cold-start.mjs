// How long from nothing to the first output of a tiny LSTM: fresh processes, the median of each contestant's times minus
// that of an empty program, beside TensorFlow.js and ONNX Runtime web; and a worker's first response in workerd, minus an
// empty worker's. All take turns, so that a busy machine is busy for all.
//   npm run bench -- --install   (once: the peers)
//   npm run test:runtimes -- workerd   (once: workerd)
//   node bench/cold-start.mjs [--rounds 20] [--node PATH]
import { spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import * as esbuild from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "20" },
    node: { type: "string", default: process.execPath },
  },
});
const rounds = Number(values.rounds);
const workerd = join(root, ".cache/runtimes/node_modules/.bin/workerd");

// The programs stand beside the peers' packages, and the library's by its name.
const folder = mkdtempSync(join(tmpdir(), "hiddenstate-cold-start-"));
try {
  cpSync(join(root, "bench/cold-start"), folder, { recursive: true });
  symlinkSync(join(root, "bench/peers/node_modules"), join(folder, "node_modules"));
  const library = await bundled();
  report("Node", await inNode(library));
  if (existsSync(workerd)) {
    const { response, both } = await inWorkerd();
    report("workerd, first response", response);
    report("workerd, its start and the first response", both);
  } else console.log("workerd is not installed: npm run test:runtimes -- workerd");
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The programs of the library: as installed, and in one file as a deployment has them. */
async function bundled() {
  const names = ["hiddenstate", "hiddenstate-infer"];
  await esbuild.build({
    entryPoints: names.map((name) => join(root, "bench/cold-start", `${name}.mjs`)),
    outdir: folder,
    outExtension: { ".js": ".bundle.mjs" },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    logLevel: "error",
  });
  return names;
}

async function inNode(library) {
  const peers = existsSync(join(root, "bench/peers/node_modules"));
  const programs = [["empty", "empty.mjs"]];
  for (const name of library) {
    // From the repository: there the library's name is its own.
    programs.push([`${name}, installed`, join(root, "bench/cold-start", `${name}.mjs`)]);
    programs.push([`${name}, bundled`, `${name}.bundle.mjs`]);
  }
  if (peers) {
    writeFileSync(join(folder, "model.onnx"), await onnxLSTM());
    programs.push(
      ["TensorFlow.js, cpu", "tfjs.mjs", "cpu"],
      ["TensorFlow.js, wasm", "tfjs.mjs", "wasm"],
      ["ONNX Runtime web", "onnxruntime.mjs", "model.onnx"],
    );
  }
  const samples = new Map(programs.map(([name]) => [name, []]));
  const answers = new Map();
  for (let round = -1; round < rounds; round++)
    for (const [name, ...args] of programs) {
      const start = performance.now();
      const { status, stdout, stderr } = spawnSync(values.node, args, {
        cwd: folder,
        encoding: "utf8",
      });
      const took = performance.now() - start;
      if (status !== 0) throw new Error(`${name}: ${stderr}`);
      answers.set(name, Number(stdout.split("\n").at(-1)));
      if (round >= 0) samples.get(name).push(took);
    }
  const [reference] = [...answers.values()].slice(1);
  for (const [name, answer] of [...answers].slice(1))
    if (!(Math.abs(answer - reference) < 1e-5))
      throw new Error(`${name} answers ${answer}, not ${reference}`);
  return samples;
}

async function onnxLSTM() {
  const { onnxModel } = await import(pathToFileURL(join(root, "bench/peers/onnx-model.mjs")));
  const sizes = { weight_ih: [32, 2], weight_hh: [32, 8], bias_ih: [32], bias_hh: [32] };
  const array = (name) => {
    const shape = sizes[name.replace(/^rnn\.|_l0$/g, "")];
    return { shape, data: new Float32Array(shape.reduce((a, b) => a * b)).fill(0.1) };
  };
  return onnxModel({ cell: "lstm", hidden: 8, input: 2, time: 4, batch: 1, array });
}

async function inWorkerd() {
  const workers = { empty: "empty-worker", "hiddenstate-infer": "worker" };
  for (const name of Object.values(workers)) await makeWorker(name);
  const response = new Map(Object.keys(workers).map((name) => [name, []]));
  const both = new Map(Object.keys(workers).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const [name, worker] of Object.entries(workers)) {
      const { started, answered } = await firstResponse(worker);
      response.get(name).push(answered);
      both.get(name).push(started + answered);
    }
  return { response, both };
}

async function makeWorker(name) {
  const out = join(folder, `out-${name}`);
  await esbuild.build({
    entryPoints: [join(root, "bench/cold-start", `${name}.mjs`)],
    outdir: out,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    conditions: ["workerd", "worker", "browser"],
    loader: { ".wasm": "copy" },
    logLevel: "error",
  });
  const kind = (file) => (file.endsWith(".wasm") ? "wasm" : "esModule");
  const modules = readdirSync(out)
    .sort((a, b) => Number(b === `${name}.js`) - Number(a === `${name}.js`))
    .map((file) => `(name = "./${file}", ${kind(file)} = embed "${file}")`);
  writeFileSync(
    join(out, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]);
const worker :Workerd.Worker = (compatibilityDate = "2026-01-01", modules = [${modules.join(", ")}]);
`,
  );
}

/** Milliseconds from the start of the engine until it listens, and from the first request to its answer. */
async function firstResponse(name) {
  const start = performance.now();
  const server = spawn(workerd, ["serve", "config.capnp", "--control-fd=3"], {
    cwd: join(folder, `out-${name}`),
    stdio: ["ignore", "ignore", "inherit", "pipe"],
  });
  try {
    const port = await new Promise((resolve, reject) => {
      server.on("exit", () => reject(new Error("workerd ended")));
      server.stdio[3].on("data", (data) => {
        for (const line of String(data).trim().split("\n")) {
          const { event, port } = JSON.parse(line);
          if (event === "listen") resolve(port);
        }
      });
    });
    const listening = performance.now();
    const answer = Number(await (await fetch(`http://127.0.0.1:${port}/`)).text());
    const end = performance.now();
    if (!Number.isFinite(answer)) throw new Error(`${name} answered ${answer}`);
    return { started: listening - start, answered: end - listening };
  } finally {
    server.removeAllListeners("exit");
    const ended = new Promise((resolve) => server.on("exit", resolve));
    server.kill();
    await ended;
  }
}

function report(where, samples) {
  const [empty, ...rest] = [...samples].map(([name, times]) => ({ name, ...summary(times) }));
  console.log(
    `\n| ${where}, ${rounds} fresh starts | median ms | above the empty one | fewest above |`,
  );
  console.log("| --- | --- | --- | --- |");
  console.log(`| ${empty.name} | ${empty.median.toFixed(1)} | | |`);
  for (const { name, median, min } of rest) {
    const above = [median - empty.median, min - empty.min].map((ms) => ms.toFixed(1));
    console.log(`| ${name} | ${median.toFixed(1)} | ${above.join(" | ")} |`);
  }
}

function summary(times) {
  const sorted = times.toSorted((a, b) => a - b);
  return { median: (sorted[(rounds - 1) >> 1] + sorted[rounds >> 1]) / 2, min: sorted[0] };
}
