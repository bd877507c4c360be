// Bundlers, each in a fresh folder with the package installed beside it, by its command line alone:
// what they make runs in Chromium, on a page and in a worker, and with Next in its servers too.
import { spawn } from "node:child_process";
import { cpSync, existsSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { root } from "../package-entries.mjs";
import { browsers, end, listen } from "./browsers.mjs";
import { execute, get, TIMEOUT } from "./execute.mjs";
import { placesOf } from "./pages.mjs";
import { attempt, BUILDS } from "./rows.mjs";

const [chromium] = browsers;
const ENVIRONMENT = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: undefined };
const NEXT = { next: "16.4.6", react: "19.3.1", "react-dom": "19.3.1" };

/**
 * `build` makes `folder`, which is served beside an index.html; or `serve` is a server of the
 * bundler's own, given a port. `routes`: what else that server answers; `made`: a file that proves
 * what is to be proven; `omit`: parts of the fixture.
 */
export const bundlers = [
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
  {
    name: "Next, Turbopack",
    packages: NEXT,
    fixture: "next",
    build: "next build",
    serve: (port) => `next start --hostname 127.0.0.1 --port ${port}`,
    routes: { "Node route": "node", "edge route": "edge" },
  },
  {
    name: "Next, webpack",
    packages: NEXT,
    fixture: "next",
    build: "next build --webpack",
    serve: (port) => `next start --hostname 127.0.0.1 --port ${port}`,
    routes: { "Node route": "node" },
    // Next 16 fails on its own with webpack and any edge route: route_client-reference-manifest.js is missing.
    omit: ["app/edge"],
  },
].map((bundler) => ({
  ...bundler,
  extra: true,
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

async function prepare({ name, packages, fixture, omit, folder, build, serve }, application) {
  const app = application.fresh(name.replaceAll(/\W+/g, "-"), packages);
  copyFixture(app, fixture ?? "html", folder);
  for (const path of omit ?? []) rmSync(join(app, path), { recursive: true });
  if (build) run(build, app);
  return { app, server: serve && (await started(serve, app)) };
}

function copyFixture(app, fixture, folder = ".") {
  const tests = join(root, "test");
  for (const file of ["bundlers/main.js", "bundlers/worker.js"])
    cpSync(join(tests, file), join(app, file.replace("bundlers/", "")));
  cpSync(join(tests, "runtimes/program.mjs"), join(app, "program.mjs"));
  cpSync(join(tests, "runtimes/browser/report.mjs"), join(app, "report.mjs"));
  cpSync(join(tests, "bundlers", fixture), join(app, folder), { recursive: true });
}

function run(command, app) {
  const [binary, ...args] = command.split(" ");
  execute(binaryIn(app, binary), args, app, { env: ENVIRONMENT, timeout: 5 * TIMEOUT });
}

function binaryIn(app, name) {
  return join(app, "node_modules/.bin", name);
}

/** Starts a bundler's server and waits until it answers. */
async function started(serve, app) {
  const origin = await freeOrigin();
  const [binary, ...args] = serve(new URL(origin).port).split(" ");
  const child = spawn(binaryIn(app, binary), args, {
    cwd: app,
    env: ENVIRONMENT,
    detached: true,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = new Promise((done) => child.on("close", done));
  const stop = async () => {
    end(child);
    await ended;
  };
  for (let tries = 0; tries < 240; tries++) {
    const response = await fetch(origin).catch(() => undefined);
    if (response?.ok) return { origin, stop };
    await new Promise((wake) => setTimeout(wake, 250));
  }
  await stop();
  throw new Error(`${binary} did not answer at ${origin}`);
}

async function freeOrigin() {
  const server = createServer();
  const origin = await listen(server);
  await new Promise((closed) => server.close(closed));
  return origin;
}
