/** The operation that runs now, so that a failure deep in the heap can name it. */
export const running = { op: "hiddenstate" };
