// The program of a worker's process: BullMQ starts it and sends it jobs.
import { join } from "node:path";
import { chunk } from "./chunk.mjs";
import { FleetError, RefusedJob } from "./errors.mjs";
import { openStore } from "./store.mjs";
import { trial } from "./trial.mjs";

// The worker is gone, killed maybe: somebody else has its job by now.
process.once("disconnect", () => process.exit(1));

const store = await openStore(process.env.FLEET_STORE);
const cache = join(process.env.FLEET_CACHE, "files");

/** @param {any} job @param {string} token @param {AbortSignal} signal */
export default async function run(job, token, signal) {
  const context = {
    store,
    cache,
    signal,
    progress: (value) => job.updateProgress(value),
    handBack: () => job.moveToWait(token),
  };
  try {
    return await (job.name === "trial" ? trial : chunk)(job.data, context);
  } catch (error) {
    // What was refused is refused every time.
    if (error instanceof FleetError) throw new RefusedJob(error.message);
    throw error;
  }
}
