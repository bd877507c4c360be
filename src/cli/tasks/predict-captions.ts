// `hiddenstate predict` with a model that describes pictures.
import { flag, pickOptions, text, whole, type OptionTable } from "../../core/options.js";
import { lineChunks } from "../../data/source.js";
import { captionFigure } from "../../inspect/caption-figure.js";
import { htmlPage, type PageSection } from "../../inspect/page.js";
import type { Captioner } from "../../models/captioner/captioner.js";
import type { CaptionPrediction } from "../../models/captioner/example.js";
import { CAPTION_PREDICT_OPTIONS, CAPTION_SEARCH_OPTIONS } from "../../models/captioner/options.js";
import { searchSettings } from "../../models/seq2seq/search-options.js";
import { checkWritable, writeBytes } from "../../platform/node/files.js";
import { readPictureFile } from "../data/picture-file.js";
import { flagOf } from "../flags.js";
import type { Prediction } from "../task.js";
import { checkUsage, UsageError } from "../usage.js";
import { shownTokens } from "./shown-tokens.js";

/** A page of more would be too heavy. */
const MOST_FIGURES = 100;

export const predictCaptions: Prediction<Captioner> = {
  options: {
    ...(CAPTION_SEARCH_OPTIONS as OptionTable),
    alternatives: whole(1, 1, "how many of the best texts to tell, with tabs between"),
    attention: {
      ...text(undefined, "a page for where the model looked, of the first 100 lines"),
      form: "a file",
    },
    json: flag(false, "JSON lines, with everything that the model finds"),
  },
  operands: "PNG files",
  help: "  captions     the caption of a picture, for the path of a PNG file; with --alternatives the best ones, with tabs between",

  async *lines(model, source, { json, attention: page, ...given }) {
    const looking = model.options.attention !== "none";
    if (page !== undefined && !looking)
      throw new UsageError({
        op: "predict",
        expected: "a model with attention for --attention",
        got: "one without",
      });
    const options = pickOptions(CAPTION_PREDICT_OPTIONS, given);
    checkUsage(() => searchSettings("predict", options, looking, flagOf));
    if (page !== undefined) await checkWritable(page as string);
    const figures: PageSection[] = [];
    for await (const paths of lineChunks(source)) {
      const images = paths.map((path) => readPictureFile(path));
      const looks = page !== undefined && figures.length < MOST_FIGURES;
      const found = model.predictBatch(images, { ...options, attention: looks });
      for (const [i, prediction] of found.entries()) {
        if (looks && figures.length < MOST_FIGURES) figures.push(figureOf(paths[i]!, prediction));
        yield json ? JSON.stringify(plain(paths[i]!, prediction)) : textsOf(prediction);
      }
    }
    if (page !== undefined)
      await writeBytes(page as string, new TextEncoder().encode(htmlPage("Attention", figures)));
  },
};

function textsOf({ alternatives }: CaptionPrediction): string {
  // A line for a line, whatever is written.
  return alternatives.map(({ text }) => text.replaceAll("\n", " ")).join("\t");
}

/** Without what the page shows. */
function plain(path: string, { attention: _, alternatives, ...best }: CaptionPrediction): object {
  const others = alternatives.map(({ attention: _, ...one }) => one);
  return { path, ...best, alternatives: others };
}

function figureOf(path: string, { text, attention }: CaptionPrediction): PageSection {
  const tokens = shownTokens(attention!.tokens);
  const title = text || "(nothing)";
  return { heading: path, figure: captionFigure({ ...attention!, tokens }, { title }) };
}
