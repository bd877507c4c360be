// The one file has no files beside it that a worker could run: options that ask for workers or shards are refused there.
const SAYS = `
import { BackendError } from "../../core/errors.js";
export function askedThreads({ workers = 1, shards, createWorker }) {
  return workers === 1 && shards === undefined && !createWorker ? undefined : {};
}
export async function settledThreads(op) {
  throw new BackendError({
    op,
    expected: "the package with its files, for workers and shards",
    got: "the one file hiddenstate.bundle.js",
    cure: "Install it from npm, or import its files through an import map.",
  });
}
export const startThreads = settledThreads;
`;

/** @type {import("esbuild").Plugin} */
export const withoutWorkers = {
  name: "without-workers",
  setup(build) {
    build.onLoad({ filter: /src[\\/]models[\\/]kit[\\/]threads\.ts$/ }, () => ({ contents: SAYS }));
  },
};
