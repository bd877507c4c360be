// The tokens of a text, and the options of a model for it where none are given.
import { OptionError } from "../../core/errors.js";
import { checkOptions, pickOptions, readOptions } from "../../core/options.js";
import type { Tokenizer } from "../../text/tokenizer.js";
import { TOKEN_OPTIONS, TokenCounter } from "../../text/tokens.js";
import { chosenNote, type ModelNotes } from "../kit/model-file.js";
import { chooseModel } from "./defaults.js";
import { sizedBy } from "./first-vectors.js";
import {
  BUILD_OPTIONS,
  LANGUAGE_MODEL_OPTIONS,
  optionsFor,
  type BuildLanguageModelOptions,
  type LanguageModelOptions,
} from "./options.js";

/**
 * What `LanguageModel.build` makes a model of.
 *
 * @throws OptionError for options that nothing would read, or a text of no token
 */
export function settle(
  op: string,
  text: string,
  options: BuildLanguageModelOptions,
): { tokenizer: Tokenizer; own: LanguageModelOptions; notes: ModelNotes } {
  checkOptions(op, BUILD_OPTIONS, options);
  const table = optionsFor(BUILD_OPTIONS, options.architecture);
  const read = readOptions<BuildLanguageModelOptions, "vectors">(op, table, options);
  const { vectors, ...settings } = read;
  const sized = vectors && sizedBy(op, vectors, options);
  const counter = new TokenCounter(op, pickOptions(TOKEN_OPTIONS, options), BUILD_OPTIONS);
  counter.add(text);
  const { tokenizer } = counter;
  const uncounted = options.tokenizer !== undefined || settings.tokens === "subwords";
  const length = uncounted ? tokenizer.encode(text).length : counter.length;
  if (length === 0)
    throw new OptionError({ op, expected: "a text of at least one token", got: "none" });
  const known = { ...settings, ...sized, length, vocabularySize: tokenizer.size };
  const notes = chosenNote(chooseModel(known), { ...options, ...sized });
  const own = { ...settings, ...notes.chosen, ...sized };
  return { tokenizer, own: pickOptions(LANGUAGE_MODEL_OPTIONS, own), notes };
}
