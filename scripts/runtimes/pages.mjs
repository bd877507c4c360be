// The program in each browser: on a page, in a worker, in a service worker; and under a Content-Security-Policy.
import { cpSync } from "node:fs";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { browsers, visit } from "./browsers.mjs";
import { attempt, BUILDS } from "./rows.mjs";

const PLACES = ["page", "worker", "service worker"];

export const pages = browsers.map((browser) => ({
  name: browser.name,
  extra: browser.name !== "Chromium",
  missing: () => (browser.installed() ? [] : browser.debian),
  async *rows(application) {
    const folder = await site(application);
    const version = browser.version();
    for (const asked of BUILDS) yield* placesOf({ browser, version, asked, page: "/", folder });
    for (const rule of ["script-src 'self' 'wasm-unsafe-eval'", "script-src 'self'"])
      yield* policy(browser, version, rule, folder);
  },
}));

/** A row for each place in which the page ran the program. */
export async function* placesOf({
  browser,
  page,
  asked,
  name = browser.name,
  version,
  ...options
}) {
  const visited = await attempt({ name, asked, version }, () =>
    visit(browser, page, { ...options, build: asked }),
  );
  const places = PLACES.filter((place) => place in visited);
  if (places.length === 0) yield withError(visited);
  for (const place of places)
    yield withError({ name, place, asked, version, faults: [], ...visited[place] });
}

function withError(row) {
  if (row.error) row.faults.push(`${row.error.name}: ${row.error.message}`);
  return row;
}

/** With the permission all works; without it the error says what to add. */
async function* policy(browser, version, rule, folder) {
  const permitted = rule.includes("wasm-unsafe-eval");
  const label = { name: browser.name, place: `page with CSP ${rule}`, version, asked: "plain" };
  const headers = { "content-security-policy": rule };
  const row = await attempt(label, async () => {
    const { page } = await visit(browser, "/page-alone.html", { folder, headers });
    if (permitted) return page;
    const { name, message } = page.error ?? {};
    const helps =
      name === "BackendError" && message.includes("add 'wasm-unsafe-eval' to script-src");
    if (!helps) throw new Error(`expected a BackendError with the cure, got ${name}: ${message}`);
    return { refused: message };
  });
  yield withError(row);
}

async function site(application) {
  const folder = join(application.folder, "site");
  await esbuild.build({
    absWorkingDir: join(application.folder, "browser"),
    entryPoints: ["page.mjs", "page-alone.mjs", "worker.mjs"],
    outdir: folder,
    bundle: true,
    // Some engines know classic service workers only.
    format: "iife",
    logLevel: "silent",
  });
  for (const file of ["index.html", "page-alone.html"])
    cpSync(join(application.folder, "browser", file), join(folder, file));
  return folder;
}
