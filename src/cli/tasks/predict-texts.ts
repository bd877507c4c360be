// `hiddenstate predict` with a model that writes texts.
import { flag, pickOptions, text, whole, type OptionTable } from "../../core/options.js";
import { lineChunks } from "../../data/source.js";
import { attentionMap } from "../../inspect/charts.js";
import { htmlPage, type PageSection } from "../../inspect/page.js";
import type { Seq2SeqPrediction } from "../../models/seq2seq/example.js";
import {
  PREDICT_OPTIONS,
  SEARCH_OPTIONS,
  searchSettings,
  type Seq2SeqPredictOptions,
} from "../../models/seq2seq/search-options.js";
import type { Seq2Seq } from "../../models/seq2seq/seq2seq.js";
import { checkWritable, writeBytes } from "../../platform/node/files.js";
import type { Prediction } from "../task.js";
import { flagOf } from "../flags.js";
import { checkUsage, UsageError } from "../usage.js";
import { shownTokens } from "./shown-tokens.js";

/** A page of more maps would be too heavy. */
const MOST_MAPS = 100;

export const predictTexts: Prediction<Seq2Seq> = {
  options: {
    ...(SEARCH_OPTIONS as OptionTable),
    alternatives: whole(1, 1, "how many of the best texts to tell, with tabs between"),
    attention: {
      ...text(undefined, "a page for where the model looked, of the first 100 lines"),
      form: "a file",
    },
    json: flag(false, "JSON lines, with everything that the model finds"),
  },
  help: `  seq2seq      the text that it becomes; with --alternatives the best ones, the best first, with tabs between`,

  async *lines(model, source, { json, attention: page, ...given }) {
    if (page !== undefined && model.options.attention === "none")
      throw new UsageError({
        op: "predict",
        expected: "a model with attention for --attention",
        got: "one without",
      });
    const options: Seq2SeqPredictOptions = pickOptions(PREDICT_OPTIONS, given);
    const looking = model.options.attention !== "none";
    checkUsage(() => searchSettings("predict", options, looking, flagOf));
    if (page !== undefined) await checkWritable(page as string);
    const maps: PageSection[] = [];
    for await (const lines of lineChunks(source)) {
      const looks = page !== undefined && maps.length < MOST_MAPS;
      const found = model.predictBatch(lines, { ...options, attention: looks });
      for (const [i, prediction] of found.entries()) {
        if (looks && maps.length < MOST_MAPS) maps.push(mapOf(lines[i]!, prediction));
        yield json ? JSON.stringify(plain(prediction)) : textsOf(prediction);
      }
    }
    if (page !== undefined)
      await writeBytes(page as string, new TextEncoder().encode(htmlPage("Attention", maps)));
  },
};

function textsOf({ alternatives }: Seq2SeqPrediction): string {
  // A line for a line, whatever is written.
  return alternatives.map(({ text }) => text.replaceAll("\n", " ")).join("\t");
}

/** Without what the page shows. */
function plain({ attention: _, alternatives, ...best }: Seq2SeqPrediction): object {
  const others = alternatives.map(({ attention: _, ...one }) => one);
  return { ...best, alternatives: others };
}

function mapOf(line: string, { text, attention }: Seq2SeqPrediction): PageSection {
  const { source, target, weights } = attention!;
  const figure = attentionMap(
    weights,
    { queries: shownTokens(target), keys: shownTokens(source) },
    { title: text || "(nothing)" },
  );
  return { heading: line, figure };
}
