// Bundlers, each in a fresh folder with the package installed beside it, by its command line alone:
// what they make runs in Chromium, on a page and in a worker, and with Next in its servers too.
import { cpSync, existsSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { root } from "../package-entries.mjs";
import { browsers } from "./browsers.mjs";
import { execute, get, TIMEOUT } from "./execute.mjs";
import { placesOf } from "./pages.mjs";
import { attempt, BUILDS } from "./rows.mjs";
import { start } from "./servers.mjs";

const [chromium] = browsers;
const ENVIRONMENT = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: undefined };
const NEXT = { next: "16.4.6", react: "19.3.1", "react-dom": "19.3.1" };

const tests = join(root, "test");
const PROGRAM = {
  "main.js": "bundlers/main.js",
  "worker.js": "bundlers/worker.js",
  "program.mjs": "runtimes/program.mjs",
  "report.mjs": "runtimes/browser/report.mjs",
};

/** Next with the bundler of its choice. */
export const next = {
  name: "Next, Turbopack",
  packages: NEXT,
  fixture: "next",
  build: "next build",
  serve: (port) => `next start --hostname 127.0.0.1 --port ${port}`,
};

/**
 * `build` makes `folder`, which is served beside an index.html; or `serve` is a server of the
 * bundler's own, given a port. `routes`: what else that server answers; `made`: a file that proves
 * what is to be proven; `omit`: parts of the fixture.
 */
export const bundlers = [
  { name: "no bundler, an import map", packages: {}, fixture: "import-map", folder: "." },
  {
    name: "no bundler, the one file",
    packages: {},
    fixture: "one-file",
    folder: ".",
    extra: false,
  },
  {
    name: "esbuild",
    packages: { esbuild: "0.28.2" },
    build: "esbuild main.js worker.js --bundle --format=esm --outdir=out",
    folder: "out",
  },
  {
    name: "Rollup",
    packages: { rollup: "4.68.7", "@rollup/plugin-node-resolve": "16.0.3" },
    build: "rollup main.js worker.js --plugin node-resolve --dir out",
    folder: "out",
  },
  {
    name: "Rolldown",
    packages: { rolldown: "1.3.2" },
    build: "rolldown main.js worker.js --dir out",
    folder: "out",
  },
  {
    name: "webpack",
    packages: { webpack: "5.112.2", "webpack-cli": "7.3.1" },
    build: "webpack --entry ./main.js --mode production --output-path out",
    folder: "out",
  },
  {
    name: "Vite, development",
    packages: { vite: "8.3.8" },
    fixture: "vite",
    serve: (port) => `vite --host 127.0.0.1 --strictPort --port ${port}`,
    made: "node_modules/.vite/deps/hiddenstate.js",
  },
  {
    name: "Vite, build",
    packages: { vite: "8.3.8" },
    fixture: "vite",
    build: "vite build",
    serve: (port) => `vite preview --host 127.0.0.1 --strictPort --port ${port}`,
  },
  { ...next, routes: { "Node route": "node", "edge route": "edge" } },
  {
    ...next,
    name: "Next, webpack",
    build: "next build --webpack",
    routes: { "Node route": "node" },
    // With webpack Next 16 fails on any edge route: it misses its route_client-reference-manifest.js.
    omit: ["app/edge"],
  },
].map((bundler) => ({
  extra: true,
  ...bundler,
  missing: () => (chromium.installed() ? [] : chromium.debian),
  rows: (application) => rowsOf(bundler, application),
}));

async function* rowsOf(bundler, application) {
  const { name, packages, folder, routes, made } = bundler;
  const label = { name, version: Object.values(packages)[0] };
  const prepared = await attempt(label, () => prepare(bundler, application));
  const { app, server } = prepared;
  if (!app) return yield prepared;
  const page = server ? { page: server.origin } : { page: "/", folder: join(app, folder) };
  try {
    for (const asked of BUILDS) {
      for (const [place, path] of Object.entries(routes ?? {}))
        yield attempt({ ...label, place, asked }, () =>
          get(`${server.origin}/${path}?build=${asked}`),
        );
      for await (const row of placesOf({ browser: chromium, ...label, asked, ...page })) {
        if (made && !existsSync(join(app, made))) row.faults.push(`made no ${made}`);
        yield row;
      }
    }
  } finally {
    await server?.stop();
  }
}

/** Builds a fixture, with files of other places in it, and starts its server. */
export async function prepare(
  { name, packages, fixture = "html", omit = [], files = {}, folder = ".", build, serve },
  application,
) {
  const app = application.fresh(name.replaceAll(/\W+/g, "-"), packages);
  cpSync(join(tests, "bundlers", fixture), join(app, folder), { recursive: true });
  for (const path of omit) rmSync(join(app, path), { recursive: true });
  for (const [path, source] of Object.entries({ ...PROGRAM, ...files }))
    cpSync(resolve(tests, source), join(app, path));
  const commandIn = ([binary, ...args]) => [join(app, "node_modules/.bin", binary), ...args];
  if (build) {
    const [command, ...args] = commandIn(build.split(" "));
    execute(command, args, app, { env: ENVIRONMENT, timeout: 5 * TIMEOUT });
  }
  const options = { cwd: app, env: ENVIRONMENT };
  const server = serve && (await start((port) => commandIn(serve(port).split(" ")), "/", options));
  return { app, server };
}
