// Reading the values of options, with errors that name the option.
import { InvalidArgumentError } from "commander";

/** A whole number of at least `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || !Number.isSafeInteger(value) || value < least)
      throw new InvalidArgumentError(`Expected a whole number of at least ${least}.`);
    return value;
  };
}

/** A number within bounds; `above` and `below` leave the bound itself out. */
export function numberWithin({
  least = -Infinity,
  above = -Infinity,
  most = Infinity,
  below = Infinity,
}: {
  least?: number;
  above?: number;
  most?: number;
  below?: number;
}): (text: string) => number {
  const bounds = [
    least > -Infinity && `of at least ${least}`,
    above > -Infinity && `above ${above}`,
    most < Infinity && `of at most ${most}`,
    below < Infinity && `below ${below}`,
  ].filter((bound) => bound !== false);
  return (text) => {
    const value = Number(text);
    const fits =
      Number.isFinite(value) && value >= least && value > above && value <= most && value < below;
    if (text.trim() === "" || !fits)
      throw new InvalidArgumentError(`Expected a number ${bounds.join(" and ")}.`);
    return value;
  };
}
