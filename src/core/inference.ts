import { BackendError } from "./errors.js";

/** @internal What everything that trains throws in the inference build. */
export function cannotTrain(op: string): BackendError {
  return new BackendError({
    op,
    expected: "the build that trains",
    got: "hiddenstate/infer",
    cure: "Import from hiddenstate instead.",
  });
}
