// What a captioner is made of where examples decide: how pictures are read, the tokens of captions, sizes.
import { checkLike } from "../../core/check-like.js";
import { definedOnly } from "../../core/check.js";
import { checkRecord } from "../../core/check-like.js";
import { OptionError } from "../../core/errors.js";
import { pickOptions, readOptions } from "../../core/options.js";
import { checkExample, counted, inPlace, type Examples, type Later } from "../../data/examples.js";
import type { Tokenizer } from "../../text/tokenizer.js";
import { chosenNote, type ModelNotes } from "../kit/model-file.js";
import { ImageSurvey, type ImageReading } from "../parts/image-input.js";
import { SideCounter, subwordsFor } from "../seq2seq/side-counter.js";
import { chooseModel } from "./defaults.js";
import { captionsOf, type CaptionExample } from "./example.js";
import {
  BUILD_CAPTIONER_OPTIONS,
  CAPTIONER_OPTIONS,
  PAIRED_WITH,
  type BuildCaptionerOptions,
  type CaptionerOptions,
} from "./options.js";

interface Found {
  readonly tokenizer: Tokenizer;
  readonly reading: ImageReading;
  /** Options of the model. */
  readonly own: CaptionerOptions;
  readonly notes: ModelNotes;
}

/** Goes through examples once; a promise where they stream. */
export function foundIn<E extends Examples<CaptionExample>, Model>(
  { op, item }: { op: string; item: string },
  examples: E,
  options: BuildCaptionerOptions,
  make: (found: Found) => Model,
): Later<E, Model> {
  checkRecord(op, "options in an object", options);
  const settings = readOptions<BuildCaptionerOptions, keyof BuildCaptionerOptions>(
    op,
    BUILD_CAPTIONER_OPTIONS,
    options,
  );
  const { tokenizer: given, tokens: kind, minCount, maxSize, split, lowercase = false } = settings;
  checkTokens(op, options);
  // Whoever counts words has said what a token is.
  const asked = kind ?? (options.minCount === undefined ? undefined : "words");
  const captions = new SideCounter(given, asked, definedOnly({ minCount, maxSize, split }));
  const survey = new ImageSurvey();
  let longest = 0;
  return counted(
    { op, item },
    examples,
    (example: CaptionExample, place) =>
      inPlace(item, place, () => {
        checkExample(op, item, example);
        survey.add(op, example.image);
        for (const text of captionsOf(op, example)) {
          captions.add(lowercase ? text.toLowerCase() : text);
          longest = Math.max(longest, text.length);
        }
      }),
    (pictures) => {
      const size = maxSize ?? subwordsFor(captions.pieces);
      const tokenizer = captions.tokenizer(size);
      const rate = captions.tokensBy(tokenizer) / Math.max(1, captions.characters);
      const reading = survey.reading(definedOnly(settings));
      const { width, height } = reading;
      const known = { pictures, width, height, kind: captions.kind };
      const sizes = chooseModel({ ...known, longest: Math.ceil(longest * rate) + 1 });
      const chosen = {
        ...definedOnly({ tokens: captions.kind }),
        ...(captions.kind === "subwords" && { maxSize: size }),
        ...(captions.choseWords && { split: "whitespace" }),
        ...{ width, height, colors: reading.colors, resize: reading.resize },
        ...sizes,
      };
      const own = { ...definedOnly(settings), ...sizes, ...definedOnly(options) };
      return make({
        tokenizer,
        reading,
        own: pickOptions(CAPTIONER_OPTIONS, own),
        notes: chosenNote(chosen, options),
      });
    },
  );
}

/**
 * Refuses options of tokens that nothing would read.
 *
 * @throws OptionError
 */
export function checkTokens(
  op: string,
  given: BuildCaptionerOptions,
  named: (name: string) => string = (name) => name,
): void {
  const refuse = (expected: string, got: string): never => {
    throw new OptionError({ op, expected, got });
  };
  const { tokenizer, tokens } = given;
  if (tokenizer) checkLike(op, "a tokenizer as tokenizer", "decoder", tokenizer);
  const kind = tokens ?? (given.minCount === undefined ? undefined : "words");
  for (const [name, kinds] of PAIRED_WITH) {
    if (given[name] === undefined) continue;
    if (tokenizer) refuse(`${named(name)}, or a tokenizer that decides it`, "both");
    if (kind !== undefined && !kinds.includes(kind))
      refuse(`${kinds.join(" or ")} beside ${named(name)}`, kind);
  }
}
