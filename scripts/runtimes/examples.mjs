// The examples of docs/deployment.md (test/deployment), each where it belongs: all forecast what Node does.
import { cpSync } from "node:fs";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { root } from "../package-entries.mjs";
import { browsers, visit } from "./browsers.mjs";
import { next, prepare } from "./bundlers.mjs";
import { execute, get } from "./execute.mjs";
import { inCache } from "./packages.mjs";
import { attempt, RELAXED_TOLERANCE } from "./rows.mjs";
import { start } from "./servers.mjs";
import { inMiniflare } from "./workerd.mjs";

const QUERY = "?series=1,2,3,4";
const POLICY = { "content-security-policy": "script-src 'self' 'wasm-unsafe-eval'" };
const [chromium] = browsers;

const places = { "Cloudflare Workers": onCloudflare, "Deno Deploy": onDeno, Vercel: onVercel };
const pages = { "a page's worker": "/", "a service worker": "/service-worker.html" };

export const examples = {
  name: "examples of docs/deployment.md",
  extra: true,
  missing: () => (chromium.installed() ? [] : chromium.debian),
  async *rows(application) {
    const { name } = this;
    const folder = application.fresh("deployment");
    cpSync(join(root, "test/deployment"), folder, { recursive: true });
    const trained = execute(process.execPath, ["train.mjs"], folder).trim().split("\n");
    const expected = Number(trained.at(-1));
    if (!(Math.abs(expected - 5) < 0.5)) throw new Error(`learnt to forecast ${expected}`);
    const judged = (place, run) =>
      attempt({ name, place, example: true }, async () => {
        const { next: forecast } = await run();
        if (!(Math.abs(forecast - expected) < RELAXED_TOLERANCE))
          throw new Error(`forecast ${forecast} instead of ${expected}`);
      });
    for (const [place, run] of Object.entries(places))
      yield judged(place, () => run(folder, application));
    for (const [place, page] of Object.entries(pages))
      yield judged(place, () => inChromium(folder, page));
  },
};

function onCloudflare(folder) {
  for (const file of ["model.js", "model.bin"])
    cpSync(join(folder, file), join(folder, "cloudflare", file));
  return inMiniflare(join(folder, "cloudflare"), "worker.js", `/${QUERY}`);
}

async function onDeno(folder) {
  for (const file of ["model.js", "model.safetensors"])
    cpSync(join(folder, file), join(folder, "deno", file));
  const command = [inCache(".bin/deno"), "run", "--allow-read", "--allow-net", "main.js"];
  const server = await start(
    // Where it listens is the platform's choice; this is how to make it ours.
    (port) => ["env", `DENO_SERVE_ADDRESS=tcp:127.0.0.1:${port}`, ...command],
    `/${QUERY}`,
    { cwd: join(folder, "deno") },
  );
  return askAndStop(server, `/${QUERY}`);
}

async function onVercel(folder, application) {
  const files = {
    "app/forecast/route.js": "deployment/vercel/route.js",
    "model.js": "deployment/model.js",
    "model.safetensors": join(folder, "model.safetensors"),
  };
  const own = { name: "Vercel", omit: ["app/edge", "app/node"], files };
  const { server } = await prepare({ ...next, ...own }, application);
  return askAndStop(server, `/forecast${QUERY}`);
}

async function askAndStop({ origin, stop }, path) {
  try {
    const { status } = await fetch(origin + path.replace(QUERY, ""));
    if (status !== 400) throw new Error(`expected 400 without a series, got ${status}`);
    return await get(origin + path);
  } finally {
    await stop();
  }
}

async function inChromium(folder, page) {
  const site = join(folder, "site");
  for (const file of ["index.html", "service-worker.html", "page.js", "model.safetensors"])
    cpSync(join(folder, file), join(site, file));
  cpSync(join(folder, "model.js"), join(folder, "browser/model.js"));
  await esbuild.build({
    absWorkingDir: join(folder, "browser"),
    entryPoints: ["main.js", "worker.js", "service-worker.js"],
    outdir: site,
    bundle: true,
    format: "esm",
    logLevel: "silent",
  });
  return visit(chromium, page, { folder: site, headers: POLICY });
}
