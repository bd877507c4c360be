import { run } from "../program.mjs";
import { ask, orError, report } from "./report.mjs";

report(async (build) => ({
  page: await orError(() => run(build)),
  worker: await orError(() => ask(new Worker("worker.js"), build)),
  "service worker": await orError(async () => ask(await serviceWorker(), build)),
}));

async function serviceWorker() {
  await navigator.serviceWorker.register("worker.js");
  return (await navigator.serviceWorker.ready).active;
}
