// What ready models load where a training has several threads.
import "../ops/methods.js";
import { ownWorker, type WorkerLike } from "./threads.js";

export { DataParallel, settleWorkers } from "./data-parallel.js";
export { LocalShards } from "./local-shards.js";
export { parallelSupport } from "./threads.js";

/** Makes a worker for ready models of the package's own file; undefined where a runtime cannot: on pages. */
export function readyModelWorker(): (() => WorkerLike) | undefined {
  // Not as bundlers look for it: on pages they would bring a worker with all models along, wanted or not.
  // eslint-disable-next-line no-restricted-syntax -- where it is undefined, there is no file
  const here = import.meta.url as string | undefined;
  return here === undefined ? undefined : ownWorker(new URL("../workers/ready-models.js", here));
}
