// What every bundler bundles: the program of all runtimes, on the page and in a worker.
import { run } from "./program.mjs";
import { ask, orError, report } from "./report.mjs";

report(async (build) => ({
  page: await orError(() => run(build)),
  worker: await orError(() =>
    ask(new Worker(new URL("./worker.js", import.meta.url), { type: "module" }), build),
  ),
}));
