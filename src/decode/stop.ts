// When to stop generating. A condition looks at the ids generated so far, after each new one.
import { checkCall } from "../core/check.js";
import { described } from "../core/described.js";
import { OptionError } from "../core/errors.js";

/** Given the ids generated so far, whether the last of them ends the text. */
export type StopCondition = (generated: readonly number[]) => boolean;

/** Stops after `length` tokens. */
export function stopAfter(length: number): StopCondition {
  checkCall("stopAfter", arguments, "length:number");
  if (!Number.isInteger(length) || length < 1)
    throw new OptionError({
      op: "stopAfter",
      expected: "a whole number of at least 1",
      got: described(length),
    });
  return (generated) => generated.length >= length;
}

/** Stops at any of these tokens, such as an end mark. */
export function stopAtToken(...ids: readonly number[]): StopCondition {
  for (const id of ids) checkCall("stopAtToken", [id], "id:number");
  const ends = new Set(ids);
  return (generated) => generated.length > 0 && ends.has(generated[generated.length - 1]!);
}

/** Stops where the text ends with this sequence of tokens. */
export function stopAtSequence(ids: ArrayLike<number>): StopCondition {
  checkCall("stopAtSequence", arguments, "ids:list");
  if (ids.length === 0)
    throw new OptionError({ op: "stopAtSequence", expected: "at least one id", got: "none" });
  return (generated) => {
    const start = generated.length - ids.length;
    for (let i = 0; i < ids.length; i++) if (generated[start + i] !== ids[i]) return false;
    return true;
  };
}

/** Stops as soon as one of the conditions does. */
export function stopAtAny(...conditions: readonly StopCondition[]): StopCondition {
  for (const each of conditions) checkCall("stopAtAny", [each], "condition:function");
  return (generated) => conditions.some((condition) => condition(generated));
}
