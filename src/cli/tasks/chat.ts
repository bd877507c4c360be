// A conversation with a model: it answers each line, and the turns before it where it has learnt to.
import { definedOnly } from "../../core/check.js";
import { number, pickOptions, text, whole, type OptionTable } from "../../core/options.js";
import { sampled } from "../../models/seq2seq/sampled.js";
import { SEARCH_OPTIONS } from "../../models/seq2seq/search-options.js";
import type { Seq2Seq } from "../../models/seq2seq/seq2seq.js";
import type { Side } from "../../models/seq2seq/side.js";
import { BYTE_TOKENS } from "../../text/subwords/bytes.js";
import { flagOf } from "../flags.js";
import type { Given, TaskDefinition } from "../task.js";
import { UsageError } from "../usage.js";

const SEPARATOR = "<sep>";
/** What was said, the answer, and what is said now. */
const TURNS = 3;

/** Options of the search that drawing has no use for. */
const OF_BEAMS = ["beams", "lengthPenalty", "alpha", "replaceUnknown"] as const;

export const chat: NonNullable<TaskDefinition<unknown, Seq2Seq>["chat"]> = {
  options: {
    turns: whole(
      1,
      undefined,
      `turns that the model reads, the last ones (default: ${TURNS} where it has learnt the separator, else 1: the last line)`,
    ),
    separator: text(SEPARATOR, "what stands between turns, as in the sources that it learnt from"),
    temperature: number(
      { above: 0, below: Infinity },
      undefined,
      "draw each token by its probability: below 1 likelier ones, above 1 surprising ones (default: beam search)",
    ),
    seed: whole(0, 1, "with --temperature: the same seed gives the same answers"),
    ...(SEARCH_OPTIONS as OptionTable),
  },
  begin(model: Seq2Seq, given: Given) {
    const { separator = SEPARATOR, temperature, seed } = given;
    const mark = separator as string;
    checkDrawing(given);
    const turns = turnsOf(model.source, mark, given.turns as number | undefined);
    const options = pickOptions(SEARCH_OPTIONS, given);
    const most = model.options.contextLength ?? Infinity;
    let history: string[] = [];
    let answers = 0;
    const answer = (source: string): string =>
      temperature === undefined
        ? model.predict(source, options).text
        : sampled(model, source, {
            ...definedOnly(options),
            temperature: temperature as number,
            seed: ((seed as number | undefined) ?? 1) + answers++,
          });
    return {
      reads: turns === 1 ? "each line alone" : `the last ${turns} turns, with ${mark} between`,
      answer(said) {
        // Nobody begins a turn in the midst of a line.
        const own = said.replaceAll(mark, " ").trim();
        history = [...history, own].slice(-turns);
        const turnsSaid = () => history.join(` ${mark} `);
        // What learned positions have no place for is forgotten sooner.
        while (history.length > 1 && model.source.encode(turnsSaid()).length > most)
          history.shift();
        const reply = answer(turnsSaid());
        history.push(reply.replaceAll(mark, " ").trim());
        return reply;
      },
      reset() {
        history = [];
      },
    };
  },
};

/** How many turns are read: several only where their separator means something to the model. */
function turnsOf(source: Side, separator: string, given: number | undefined): number {
  if (separator.trim() === "")
    throw new UsageError({
      op: "chat",
      expected: `a mark as ${flagOf("separator")}`,
      got: "white space",
    });
  if (given === 1 || knows(source, separator)) return given ?? TURNS;
  if (given === undefined) return 1;
  throw new UsageError({
    op: "chat",
    expected: `a ${flagOf("separator")} that the model has learnt with ${flagOf("turns")} ${given}`,
    got: separator,
    cure: `Train it on sources with turns such as "hello ${separator} hi there ${separator} how are you", or leave ${flagOf("turns")} out.`,
  });
}

/** Whether all characters of a mark came in what was learnt: those that did not are unknown, or spelled in bytes. */
function knows(source: Side, mark: string): boolean {
  const ids = source.encode(mark).subarray(0, -1);
  const tokens = source.tokens(ids);
  return !ids.includes(source.unknown ?? -1) && !tokens.some((token) => BYTES.has(token));
}

const BYTES: ReadonlySet<string> = new Set(BYTE_TOKENS);

function checkDrawing(given: Given): void {
  const refuse = (expected: string, got: string): never => {
    throw new UsageError({ op: "chat", expected, got });
  };
  if (given.temperature === undefined) {
    if (given.seed !== undefined)
      refuse(`${flagOf("temperature")} beside ${flagOf("seed")}`, "none");
    return;
  }
  for (const name of OF_BEAMS)
    if (given[name] !== undefined)
      refuse(`${flagOf(name)} of beam search, or ${flagOf("temperature")}`, "both");
}
