// For runtimes with a command line. With an argument, numbers travel as messages.
import { trainings } from "./train.mjs";

const Own = globalThis.Worker ?? (await import("node:worker_threads")).Worker;
if (process.argv[2]) globalThis.crossOriginIsolated = false;
const file = new URL("./worker.mjs", import.meta.url);
console.log(JSON.stringify(await trainings(() => new Own(file, { type: "module" }))));
