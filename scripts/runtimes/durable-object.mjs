// The example of a Durable Object (examples/cloudflare) in Cloudflare's engine: a series goes on from request to
// request, and over a restart, with the bits that one run over all of it has.
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { root } from "../package-entries.mjs";
import { execute, parse, TIMEOUT } from "./execute.mjs";
import { isolateMemory } from "./isolate-memory.mjs";
import { inCache, packages } from "./packages.mjs";
import { attempt } from "./rows.mjs";
import { COMPATIBILITY_DATE, kindOf, listeningPort } from "./workerd.mjs";

/** An isolate of Cloudflare's has 128 MB. */
const MOST_MEMORY = 100e6;
const REPETITIONS = 4000;

export const durableObject = {
  name: "workerd, a Durable Object",
  async *rows({ folder }) {
    yield attempt({ name: this.name, asked: "infer" }, () => run(folder));
  },
};

async function run(application) {
  const folder = join(application, "durable-object");
  cpSync(join(root, "examples/cloudflare"), folder, { recursive: true });
  execute(process.execPath, ["train.mjs", "forecaster.safetensors"], folder);
  await bundle(folder);
  const series = Array.from({ length: 40 }, (_, t) => Math.abs(((t % 10) / 10) * 4 - 2) - 1);
  series[30] = 3;

  const whole = await served(folder, (post) => post("whole", series));
  const first = await served(folder, async (post) => [
    await post("parts", series.slice(0, 9)),
    await post("parts", series.slice(9, 23)),
    await post("another", series.slice(0, 5)),
  ]);
  // The same storage, another process.
  const rest = await served(folder, async (post, memory) => {
    const scored = await post("parts", series.slice(23));
    const few = await timed(() => post("few", Array(REPETITIONS).fill(0.5)));
    const many = await timed(() => post("many", Array(2 * REPETITIONS).fill(0.5)));
    const microseconds = ((many - few) * 1000) / REPETITIONS;
    return { scored, microseconds, isolateBytes: await memory() };
  });

  const { scores } = whole;
  const parts = [...first[0].scores, ...first[1].scores, ...rest.scored.scores];
  const odd = scores.indexOf(Math.max(...scores.slice(5)));
  const checks = {
    "the state lives from request to request and over a restart": same(parts, scores),
    "series do not share their states": same(first[2].scores, scores.slice(0, 5)),
    "the odd reading has the highest score": odd === 30,
    "memory is below 100 MB": Math.max(rest.scored.wasmBytes, rest.isolateBytes) < MOST_MEMORY,
  };
  const faults = Object.entries(checks).flatMap(([name, holds]) =>
    holds ? [] : [`not so: ${name}`],
  );
  console.error(
    `LSTM 64 and its head in a Durable Object: ${rest.microseconds.toFixed(1)} µs a reading, ` +
      `${(rest.scored.wasmBytes / 1e6).toFixed(1)} MB of WebAssembly memory, ` +
      `${(rest.isolateBytes / 1e6).toFixed(1)} MB the whole isolate`,
  );
  return { version: packages.workerd, build: "plain", delivery: "imported", faults };
}

async function bundle(folder) {
  await esbuild.build({
    absWorkingDir: folder,
    entryPoints: ["worker.mjs"],
    outdir: "out",
    bundle: true,
    format: "esm",
    target: "es2022",
    conditions: ["workerd", "worker", "browser"],
    loader: { ".wasm": "copy", ".safetensors": "copy" },
    logLevel: "silent",
  });
  const modules = readdirSync(join(folder, "out"))
    .filter((file) => /\.(js|wasm|safetensors)$/.test(file))
    .map((file) => `(name = "./${file}", ${kindOf(file)} = embed "out/${file}")`);
  modules.sort((a, b) => Number(b.includes("worker.js")) - Number(a.includes("worker.js")));
  mkdirSync(join(folder, "storage"), { recursive: true });
  writeFileSync(
    join(folder, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "storage", disk = (path = "storage", writable = true))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]);
const worker :Workerd.Worker = (
  compatibilityDate = "${COMPATIBILITY_DATE}",
  durableObjectNamespaces = [(className = "Series", uniqueKey = "series", enableSql = true)],
  durableObjectStorage = (localDisk = "storage"),
  bindings = [(name = "SERIES", durableObjectNamespace = "Series")],
  modules = [${modules.join(", ")}]);
`,
  );
}

/** Runs the worker as long as `ask` sends it series. */
async function served(folder, ask) {
  const flags = ["--control-fd=3", "--inspector-addr=127.0.0.1:0"];
  const server = spawn(inCache(".bin/workerd"), ["serve", "config.capnp", ...flags], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  try {
    const inspector = listeningPort(server, "listen-inspector");
    const port = await listeningPort(server);
    const post = async (name, readings) => {
      const request = { method: "POST", body: JSON.stringify(readings) };
      const signal = AbortSignal.timeout(TIMEOUT);
      const response = await fetch(`http://127.0.0.1:${port}/${name}`, { ...request, signal });
      const answer = parse(await response.text());
      if (answer.error) throw new Error(answer.error);
      return answer;
    };
    return await ask(post, async () => isolateMemory(await inspector));
  } finally {
    const ended = new Promise((resolve) => server.on("exit", resolve));
    server.kill();
    await ended;
  }
}

/** The fewest milliseconds of several runs: a busy machine only adds. */
async function timed(run) {
  let best = Infinity;
  for (let i = 0; i < 7; i++) {
    const start = performance.now();
    await run();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

function same(a, b) {
  return a.length === b.length && a.every((x, i) => x === b[i]);
}
