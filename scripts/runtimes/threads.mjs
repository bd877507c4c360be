// Training by 1, 2, 3 and 5 workers in every runtime that has some, through shared memory and through messages; with the worker as each
// bundler makes it. All must end with the same bits.
import { cpSync } from "node:fs";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { root } from "../package-entries.mjs";
import { browsers, visit } from "./browsers.mjs";
import { bundlers, prepare } from "./bundlers.mjs";
import { execute, parse, TIMEOUT } from "./execute.mjs";
import { inCache, nodeBinary } from "./packages.mjs";
import { attempt } from "./rows.mjs";

/** What a server sends so that a page's threads share memory. */
const ISOLATED = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};
const COMMANDS = {
  "Node 20": [nodeBinary("node20")],
  "Node 24": [nodeBinary("node24")],
  Deno: [inCache(".bin/deno"), "run", "--allow-read"],
  Bun: [inCache(".bin/bun")],
};
/** The others add no server of their own, or no worker. */
const BUNDLERS = ["esbuild", "Rollup", "Rolldown", "webpack", "Vite, development", "Vite, build"];

const FILES = {
  "main.js": "runtimes/threads/main.js",
  "worker.js": "runtimes/threads/worker.mjs",
  "train.mjs": "runtimes/threads/train.mjs",
};

/** What the first of all said. */
let expected;

function judged({ transport, small, large, frames, error }, shares) {
  if (error) throw new Error(`${error.name}: ${error.message}`);
  if (transport !== (shares ? "shared memory" : "messages"))
    throw new Error(`numbers travel through ${transport}`);
  expected ??= { small: small[0], large: large[0] };
  if ([...small].some((sum) => sum !== expected.small)) throw new Error(`other bits: ${small}`);
  if ([...large].some((sum) => sum !== expected.large)) throw new Error(`other bits: ${large}`);
  const ms = (time) => `${time.toFixed(0)} ms`;
  const seen = frames
    ? `; ${frames.count} frames, ${ms(frames.median)} each, ${ms(frames.longest)} the longest`
    : "";
  return { note: `1, 2, 3, 5 workers, ${transport}${seen}` };
}

const inCommands = Object.entries(COMMANDS).map(([name, [command, ...flags]]) => ({
  name: `threads, ${name}`,
  extra: true,
  async *rows({ folder }) {
    for (const shares of [true, false])
      yield attempt({ name: this.name, example: true }, () => {
        const args = [...flags, "threads/main.mjs", ...(shares ? [] : ["messages"])];
        return judged(parse(execute(command, args, folder, { timeout: TIMEOUT })), shares);
      });
  },
}));

const inPages = browsers.slice(0, 2).map((browser) => ({
  name: `threads, ${browser.name}`,
  extra: true,
  missing: () => (browser.installed() ? [] : browser.debian),
  async *rows(application) {
    const folder = await site(application);
    for (const shares of [true, false])
      yield attempt({ name: this.name, example: true }, async () => {
        const headers = shares ? ISOLATED : {};
        return judged(await visit(browser, "/", { folder, headers }), shares);
      });
  },
}));

const [chromium] = browsers;
const byBundlers = bundlers
  .filter(({ name }) => BUNDLERS.includes(name))
  .map((bundler) => ({
    name: `threads, ${bundler.name}`,
    extra: true,
    missing: bundler.missing,
    async *rows(application) {
      yield attempt({ name: this.name, example: true }, async () => {
        const own = { ...bundler, name: this.name, files: FILES };
        const { app, server } = await prepare(own, application);
        try {
          const place = { folder: join(app, bundler.folder ?? "."), headers: ISOLATED };
          const found = server
            ? await visit(chromium, server.origin)
            : await visit(chromium, "/", place);
          return judged(found, !server);
        } finally {
          await server?.stop();
        }
      });
    },
  }));

export const threads = [...inCommands, ...inPages, ...byBundlers];

async function site({ folder: programs }) {
  const folder = join(programs, "threads-site");
  const from = join(programs, "threads");
  cpSync(join(from, "worker.mjs"), join(from, "worker.js"));
  cpSync(join(programs, "browser/report.mjs"), join(from, "report.mjs"));
  await esbuild.build({
    absWorkingDir: from,
    entryPoints: ["main.js", "worker.js"],
    outdir: folder,
    bundle: true,
    format: "esm",
    logLevel: "silent",
  });
  cpSync(join(root, "test/bundlers/html"), folder, { recursive: true });
  return folder;
}
