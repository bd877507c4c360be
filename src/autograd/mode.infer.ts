/** Runs `fn` and returns what it returns: here nothing ever records a graph. */
export function noGrad<T>(fn: () => T): T {
  return fn();
}

/** @internal */
export function records(): boolean {
  return false;
}
