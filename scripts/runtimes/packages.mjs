// What comes from npm, in exact versions, so that a run means the same tomorrow.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../package-entries.mjs";
import { execute } from "./execute.mjs";

const os = process.platform === "win32" ? "win" : process.platform;
const node = (version, platform = `${os}-${process.arch}`) => `npm:node-${platform}@${version}`;

const quick = {
  node20: node("20.20.0"),
  node24: node("24.21.0"),
  deno: "2.9.6",
  bun: "1.4.5",
  workerd: "1.20261117.1",
  "edge-runtime": "4.0.1",
  // Node 20 has no WebSocket of its own, through which workerd's inspector answers.
  ws: "8.21.0",
};
const full = {
  ...quick,
  node22: node("22.23.3"),
  node26: node("26.10.0"),
  node24arm64: node("24.21.0", "linux-arm64"),
  miniflare: "4.20260730.0",
  wrangler: "4.164.0",
};

/** @type {Record<keyof typeof full, string>} */
export const packages = full;

const cache = join(root, ".cache/runtimes");
export const inCache = (path) => join(cache, "node_modules", path);
export const nodeBinary = (name) => inCache(`${name}/bin/node`);

/** Installs the runtimes once, in .cache/. */
export function installRuntimes(all) {
  const wanted = all ? full : quick;
  const stamp = join(cache, "installed.json");
  const installed = existsSync(stamp) ? JSON.parse(readFileSync(stamp, "utf8")) : {};
  if (Object.entries(wanted).every(([name, spec]) => installed[name] === spec)) return;
  mkdirSync(cache, { recursive: true });
  const specs = Object.entries(wanted).map(([name, spec]) => `${name}@${spec}`);
  console.error(`Installing ${specs.length} runtimes in .cache/runtimes, once: some minutes …`);
  if (!existsSync(stamp)) writeFileSync(join(cache, "package.json"), '{ "private": true }');
  // Bun's own package needs its install script to find the binary; the others would do without.
  // By force: one is of another architecture, and what needs a newer Node runs in that one.
  const flags = ["--no-package-lock", "--no-audit", "--no-fund", "--force"];
  execute("npm", ["install", ...flags, ...specs], cache);
  writeFileSync(stamp, JSON.stringify({ ...installed, ...wanted }));
}
