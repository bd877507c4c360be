// The one file has no files beside it that a worker could run: what starts them says so there.
const SAYS = `
import { BackendError } from "../core/errors.js";
export function settleWorkers(op) {
  throw new BackendError({
    op,
    expected: "the package with its files for workers and shards",
    got: "the one file hiddenstate.bundle.js",
    cure: "Install it from npm, or import its files through an import map.",
  });
}
`;

/** @type {import("esbuild").Plugin} */
export const withoutWorkers = {
  name: "without-workers",
  setup(build) {
    build.onLoad({ filter: /src[\\/]parallel[\\/]engine\.ts$/ }, () => ({ contents: SAYS }));
  },
};
