// `hiddenstate predict` with a model that makes texts of texts.
import { attentionMap } from "../../inspect/charts.js";
import type { Seq2SeqPrediction } from "../../models/seq2seq/example.js";
import { PREDICT_OPTIONS, SEARCH_OPTIONS } from "../../models/seq2seq/search-options.js";
import type { Seq2Seq } from "../../models/seq2seq/seq2seq.js";
import type { Prediction } from "../task.js";
import { predictWritten } from "./predict-written.js";
import { shownTokens } from "./shown-tokens.js";

export const predictTexts: Prediction<Seq2Seq> = {
  ...predictWritten<Seq2Seq, string, Seq2SeqPrediction>({
    search: SEARCH_OPTIONS,
    options: PREDICT_OPTIONS,
    read: (line) => line,
    section(line, { text, attention }) {
      const { source, target, weights } = attention!;
      const figure = attentionMap(
        weights,
        { queries: shownTokens(target), keys: shownTokens(source) },
        { title: text || "(nothing)" },
      );
      return { heading: line, figure };
    },
  }),
  help: `  seq2seq      the text that it becomes; with --alternatives the best ones, the best first, with tabs between`,
};
