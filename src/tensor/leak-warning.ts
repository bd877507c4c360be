// Tensors made outside every scope go with dispose(), or when the collector has found them and the event loop has turned: in
// a synchronous loop never. One warning says so before the memory is full.
import { checkCall, definedOnly } from "../core/check.js";
import { OptionError } from "../core/errors.js";

export interface LeakLimits {
  /** Tensors that are alive at once. Default 10,000. */
  tensors?: number | undefined;
  /** Bytes that they take. Default 2^29, half a gigabyte. */
  bytes?: number | undefined;
}

const STANDARD = { tensors: 10_000, bytes: 0x20000000 };
const NEVER: LeakLimits = {};

let limits: LeakLimits = STANDARD;
let tensors = 0;
let bytes = 0;

/**
 * Sets how many tensors, and bytes of them, may be alive outside every scope before `console.warn` says once that some may
 * have been forgotten; false for never. What is not given has its default.
 *
 * @throws OptionError for a limit that is no number from 0
 */
export function setLeakWarning(given: LeakLimits | false): void {
  checkCall(
    "setLeakWarning",
    arguments,
    given ? "{tensors:number bytes:number}" : "limits:boolean",
  );
  const next = given ? { ...STANDARD, ...definedOnly(given) } : NEVER;
  for (const [name, limit] of Object.entries(next))
    if (!(limit >= 0))
      throw new OptionError({
        op: "setLeakWarning",
        expected: `${name} to be a number from 0`,
        got: String(limit),
      });
  limits = next;
}

/** @internal Another tensor outside every scope, of so many bytes; -1 where one has gone. */
export function countLoose(sign: 1 | -1, size: number): void {
  tensors += sign;
  bytes += sign * size;
  if (!(tensors > limits.tensors! || bytes > limits.bytes!)) return;
  limits = NEVER;
  // eslint-disable-next-line no-console -- a program that leaks throws nothing
  console.warn(
    `hiddenstate: ${tensors} tensors (${Math.round(bytes / 1e6)} MB) outside scope() are alive. ` +
      "Put each step and prediction in scope(() => …), and return numbers. setLeakWarning(false) ends this.",
  );
}
