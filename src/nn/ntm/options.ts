// What a Neural Turing Machine is made with: options, their defaults and checks.
import { checkChoice, checkCount } from "../../core/check.js";
import { described } from "../../core/described.js";
import { OptionError } from "../../core/errors.js";
import type { ControllerKind } from "../../ops/ntm/machine.js";

/** What a head does with the memory. */
export type NTMHead = "read" | "write";

/** What steers the heads. */
export type NTMController = ControllerKind;

export interface NTMOptions {
  /** Units of the controller, in each of its layers. Default 100. */
  controllerSize?: number | undefined;
  /**
   * `"lstm"`, or `"feedforward"`: layers of tanh(W x + b), which remember only what they read back from the memory. Default
   * `"lstm"`.
   */
  controller?: NTMController | undefined;
  /** Layers of the controller. Default 1. */
  numLayers?: number | undefined;
  /** Rows of the memory, its locations. Default 128. */
  memoryRows?: number | undefined;
  /** Numbers in each of them. Default 20. */
  memoryWidth?: number | undefined;
  /**
   * The heads, in the order in which they act on the memory in each step: one that reads behind one that writes sees what that
   * has written. At least one reads. Default `["read", "write"]`.
   */
  heads?: readonly NTMHead[] | undefined;
  /** How many locations a head moves at the most in a step, to either side. Default 1: -1, 0 or 1. */
  shiftRange?: number | undefined;
}

/** @internal For `checkCall`. */
export const NTM_KEYS =
  "controllerSize:number controller:string numLayers:number memoryRows:number memoryWidth:number heads:list shiftRange:number";

/** @internal Every option with its value. */
export type MadeNTM = { readonly [Key in keyof NTMOptions]-?: NonNullable<NTMOptions[Key]> };

/** The bits that say which heads write are those of an int32. */
const MOST_HEADS = 31;

/** @internal */
export function checkNTMOptions(op: string, given: NTMOptions): MadeNTM {
  const { controllerSize = 100, controller = "lstm", numLayers = 1 } = given;
  const { memoryRows = 128, memoryWidth = 20, heads = ["read", "write"], shiftRange = 1 } = given;
  checkChoice(op, "controller", controller, ["lstm", "feedforward"]);
  checkCount(op, "controllerSize", controllerSize);
  checkCount(op, "numLayers", numLayers);
  checkCount(op, "memoryRows", memoryRows);
  checkCount(op, "memoryWidth", memoryWidth);
  checkCount(op, "shiftRange", shiftRange, 0);
  const refuse = (expected: string, got: unknown): never => {
    throw new OptionError({ op, expected, got: described(got) });
  };
  for (const head of heads) checkChoice(op, "heads", head, ["read", "write"]);
  if (!heads.includes("read") || heads.length > MOST_HEADS)
    refuse(`1 to ${MOST_HEADS} heads of which at least one reads`, heads);
  if (2 * shiftRange + 1 > memoryRows)
    refuse(`a shiftRange of which 2 · shiftRange + 1 places fit ${memoryRows} rows`, shiftRange);
  const sizes = { controllerSize, numLayers, memoryRows, memoryWidth, shiftRange };
  return { ...sizes, controller, heads: [...heads] };
}
