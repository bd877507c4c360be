// Cloudflare's engine: alone, bundled as its own tool does; and by that tool, wrangler, in its simulator, miniflare.
import { spawn } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { execute, get, parse, TIMEOUT } from "./execute.mjs";
import { inCache, nodeBinary, packages } from "./packages.mjs";
import { attempt, BUILDS } from "./rows.mjs";

export const COMPATIBILITY_DATE = "2026-01-01";

export const workerd = {
  name: "workerd",
  async *rows({ folder }) {
    for (const asked of BUILDS)
      yield attempt({ name: this.name, asked }, () => inWorkerd(folder, asked));
  },
};

export const miniflare = {
  name: "wrangler and miniflare",
  extra: true,
  async *rows({ folder }) {
    for (const asked of BUILDS)
      yield attempt({ name: this.name, asked }, () => ({
        version: `${packages.wrangler}, ${packages.miniflare}`,
        ...inMiniflare(folder, "worker.mjs", `/${asked}`),
      }));
  },
};

/** Runs `worker.mjs` of a folder, the kernels as modules of their own beside the script, and gives what it answers. */
export async function inWorkerd(source, path) {
  const folder = join(source, "workerd");
  await esbuild.build({
    absWorkingDir: source,
    entryPoints: ["worker.mjs"],
    outdir: folder,
    bundle: true,
    format: "esm",
    target: "es2022",
    conditions: ["workerd", "worker", "browser"],
    loader: { ".wasm": "copy", ".onnx": "copy" },
    logLevel: "silent",
  });
  const modules = readdirSync(folder)
    .filter((file) => /\.(js|wasm|onnx)$/.test(file))
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
  compatibilityDate = "${COMPATIBILITY_DATE}",
  modules = [${modules.join(", ")}]);
`,
  );
  const server = spawn(inCache(".bin/workerd"), ["serve", "config.capnp", "--control-fd=3"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  try {
    const port = await listeningPort(server);
    return { version: packages.workerd, ...(await get(`http://127.0.0.1:${port}/${path}`)) };
  } finally {
    server.kill();
  }
}

export function kindOf(file) {
  if (/\.(safetensors|onnx)$/.test(file)) return "data";
  return file.endsWith(".wasm") ? "wasm" : "esModule";
}

/** The port of the server's socket; of its inspector, for `event` `"listen-inspector"`. */
export function listeningPort(server, awaited = "listen") {
  return new Promise((resolve, reject) => {
    let errors = "";
    server.stderr.on("data", (data) => (errors += data));
    server.stdio[3].on("data", (data) => {
      for (const line of String(data).trim().split("\n")) {
        const { event, port } = JSON.parse(line);
        if (event === awaited) resolve(port);
      }
    });
    server.on("error", reject);
    server.on("exit", () => reject(new Error(errors)));
  });
}

/** Bundles a worker by wrangler and asks it. Both need a newer Node than the library does. */
export function inMiniflare(folder, worker, path) {
  const node = nodeBinary("node24");
  const env = { ...process.env, CI: "1", WRANGLER_SEND_METRICS: "false" };
  const flags = ["--dry-run", "--outdir", "wrangler", "--compatibility-date", COMPATIBILITY_DATE];
  const wrangler = [inCache("wrangler/bin/wrangler.js"), "deploy", worker, "--name", "worker"];
  execute(node, [...wrangler, ...flags], folder, { env, timeout: TIMEOUT });
  const script = fileURLToPath(new URL("in-miniflare.mjs", import.meta.url));
  const args = [script, inCache("."), join(folder, "wrangler"), path, COMPATIBILITY_DATE];
  return parse(execute(node, args, folder, { timeout: TIMEOUT }));
}
