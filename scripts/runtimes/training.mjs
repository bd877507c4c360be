// The pages of docs/training-in-a-page.md in Chromium: a worker that trains, one that is stopped, and a page that trains itself.
import { cpSync } from "node:fs";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { root } from "../package-entries.mjs";
import { browsers, visit } from "./browsers.mjs";
import { attempt } from "./rows.mjs";

const [chromium] = browsers;

/** What each page shows in the end. */
const pages = {
  "in a worker": ["/main.html", /^accuracy (0\.9|1)/],
  "in a worker, stopped": ["/main.html?stop", /^Error: stopped by the user$/],
  "on the page": ["/in-page.html", /^good$/],
};

export const training = {
  name: "training in a page",
  missing: () => (chromium.installed() ? [] : chromium.debian),
  async *rows(application) {
    const folder = application.fresh("training");
    cpSync(join(root, "test/deployment/training"), folder, { recursive: true });
    await esbuild.build({
      absWorkingDir: folder,
      entryPoints: ["main.ts", "worker.ts", "in-page.ts"],
      outdir: folder,
      bundle: true,
      format: "esm",
      target: "es2022",
      logLevel: "silent",
    });
    for (const [place, [page, expected]] of Object.entries(pages))
      yield attempt({ name: this.name, place, example: true }, async () => {
        const { shown, drawn, ...frames } = await visit(chromium, page, { folder });
        if (!expected.test(shown)) throw new Error(`expected ${expected}, got ${shown}`);
        if (drawn !== 1) throw new Error("expected a chart");
        return { note: describe(frames) };
      });
  },
};

function describe({ frames, median, longest, longTasks }) {
  const [middle, most] = [median, longest].map((time) => `${time.toFixed(0)} ms`);
  return `${frames} frames, ${middle} each, ${most} the longest; ${longTasks.length} long tasks`;
}
