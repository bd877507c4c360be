// The options of whatever writes text.
import type { Command } from "commander";
import { numberWithin, wholeNumber } from "./values.js";

/** What {@link samplingOptions} reads. */
export interface SamplingFlags {
  temperature: number;
  topK?: number;
  topP: number;
}

/** Adds `--temperature`, `--top-k` and `--top-p`. */
export function samplingOptions(command: Command): Command {
  return command
    .option(
      "--temperature <t>",
      "below 1 plays safe, above 1 dares, 0 never varies",
      numberWithin({ least: 0 }),
      0.7,
    )
    .option("--top-k <n>", "choose among the n likeliest only", wholeNumber(1))
    .option(
      "--top-p <p>",
      "choose among the likeliest that together have probability p",
      numberWithin({ above: 0, most: 1 }),
      0.95,
    );
}
