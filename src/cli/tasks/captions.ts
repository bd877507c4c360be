// What is on pictures.
import type { Examples } from "../../data/examples.js";
import { majorityClass } from "../../metrics/baselines.js";
import { scoresText } from "../../metrics/metric.js";
import { pickOptions, type OptionTable } from "../../core/options.js";
import { Captioner } from "../../models/captioner/captioner.js";
import { checkTokens } from "../../models/captioner/found-in.js";
import {
  BUILD_CAPTIONER_OPTIONS,
  CAPTIONER_FIT_OPTIONS,
  CAPTION_SEARCH_OPTIONS,
} from "../../models/captioner/options.js";
import { WrittenCaptions, type CaptionDetails } from "../../models/captioner/scorer.js";
import { searchSettings } from "../../models/seq2seq/search-options.js";
import { counted } from "../counted.js";
import { DATA_HELP, exampleFiles, withPlaces } from "../data/example-files.js";
import { PictureFile } from "../data/picture-file.js";
import { flagOf } from "../flags.js";
import { defineTask, type Part } from "../task.js";
import { checkUsage } from "../usage.js";
import { predictCaptions } from "./predict-captions.js";
import { fewToLearnFrom } from "./unlearnt.js";

/** Pictures as a model reads them, of all colors and the largest size: two gigabytes. */
const MOST_HELD = 40_000;

const files = exampleFiles<PictureFile, Captioner>({
  columns: [
    { name: "path", kind: "file" },
    { name: "text", kind: "text" },
  ],
  format: "tsv",
  example: ({ path, text }, place) => new PictureFile(path as string, text as string, place),
  join(before, { path, text }) {
    if (before.path !== path) return false;
    before.text.push(text as string);
    return true;
  },
  printOf: ({ path, text }) => [path, text],
  mostHeld: MOST_HELD,
  empty: {
    is: ({ text }) => (text as string).trim() === "",
    names: ["a picture without a caption", "pictures without a caption"],
  },
  survey() {
    const paths = new Set<string>();
    let [pictures, captions] = [0, 0];
    return {
      see({ path, text }) {
        paths.add(path);
        pictures++;
        captions += text.length;
      },
      describe: () =>
        `${counted(pictures, "picture")} to learn from, ${counted(captions, "caption")}`,
      notes: () =>
        paths.size === pictures
          ? []
          : [
              `${counted(pictures - paths.size, "row")} of a picture do not follow its other rows, and count as another picture: sort the file by path.`,
            ],
    };
  },
});

const SEARCH = CAPTION_SEARCH_OPTIONS as OptionTable;

/** Of a stream no picture is at hand. */
function firstOf({ source }: Part<Examples<PictureFile>>): PictureFile | undefined {
  return typeof source === "function" ? undefined : [...source][0];
}

export const captions = defineTask<Examples<PictureFile>, Captioner>({
  ...files,
  name: "captions",
  noun: "captioner",
  kind: "captioner",
  summary: "what is on pictures: descriptions, numbers that are written there",
  description: "Learn what to say of pictures, from PNG files with their captions.",
  help: `Examples:
  hiddenstate train --task captions --train train.tsv --valid valid.tsv --test test.tsv
  hiddenstate train --task captions --train plates.tsv --tokens characters --width 96 --height 24
  hiddenstate evaluate --model captions.safetensors --data test.tsv --beams 5
  hiddenstate predict --model captions.safetensors --attention page.html a.png b.png

Columns: path, text. A path is meant from the folder of the data file. A picture may have several captions: rows of one path, one
after another. Pictures are read in one size, that of the largest with at most 128 pixels a side, or --width and --height; after each
evaluation the first validation picture is captioned, and printed.
Scores for --metric: cider (CIDEr-D), bleu (BLEU-4), exactMatch, perplexity, loss; by default cider, and exactMatch where tokens
are characters. In a training they are of greedy captions; at the end, of --beams.
Options that are not given are chosen by the data, and printed.

${DATA_HELP}`,
  model: BUILD_CAPTIONER_OPTIONS,
  training: CAPTIONER_FIT_OPTIONS,
  other: SEARCH,
  check: (given) => checkTokens("train", pickOptions(BUILD_CAPTIONER_OPTIONS, given), flagOf),

  build: ({ train }, given) => {
    const options = pickOptions(BUILD_CAPTIONER_OPTIONS, given);
    const { source } = train;
    return withPlaces(train, () =>
      typeof source === "function"
        ? Captioner.build(source, options)
        : Captioner.build(source, options),
    );
  },
  load: (bytes) => Captioner.load(bytes),

  checkRun(_, flags) {
    const given = pickOptions(CAPTION_SEARCH_OPTIONS, flags);
    checkUsage(() => searchSettings("train", given, true, flagOf));
  },
  advise: ({ train: { source } }) =>
    Promise.resolve(
      typeof source === "function" ? [] : fewToLearnFrom([...source].length, "picture"),
    ),
  lengthUnit: () => "picture",
  progress: ({ batchSize }) => ({ items: batchSize, unit: "picture" }),
  sample(model, { valid }) {
    const picture = valid && firstOf(valid);
    if (!picture) return undefined;
    const { text } = model.predict(picture.image, { beams: 1 });
    return `  picture    ${picture.path}\n  reference  ${picture.text[0]}\n  output     ${text}`;
  },

  report({ scores, details }, { metrics }) {
    const { written, unfinished } = details as CaptionDetails;
    const cut =
      unfinished > 0 ? `; ${(100 * unfinished).toFixed(1)} % were cut off at their longest` : "";
    return `${scoresText(metrics, scores)}; of ${counted(written, "caption")}${cut}`;
  },
  details: ({ details }) => details as object,
  evaluation: {
    options: SEARCH,
    run: (model, source, given) => {
      const options = pickOptions(CAPTION_SEARCH_OPTIONS, given);
      checkUsage(() => searchSettings("evaluate", options, true, flagOf));
      const beams = CAPTION_SEARCH_OPTIONS.beams.default!;
      return model.evaluate(source, { beams, ...options });
    },
    endsWithJson: true,
  },
  // A training scores greedily, and not all of them.
  scoresValidation: true,
  /** The caption that most pictures have, for all. */
  baseline({ train: { source: train } }, { source: heldOut }, { target }) {
    if (typeof train === "function" || typeof heldOut === "function") return undefined;
    const read = (text: string) => target.read("train", "target", text);
    const frequent = majorityClass([...train].flatMap(({ text }) => text.map(read)));
    const scorer = new WrittenCaptions();
    for (const { text } of heldOut) scorer.add(frequent, text.map(read));
    return {
      name: `The most frequent caption, ${JSON.stringify(frequent)}`,
      scores: scorer.scores,
    };
  },

  predict: predictCaptions,
});
