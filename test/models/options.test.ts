// That the JSDoc of each option names the default of its table.
import { readFileSync } from "node:fs";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import {
  AUTOENCODER_FIT_OPTIONS,
  AUTOENCODER_OPTIONS,
} from "../../src/models/autoencoder/options.js";
import {
  BUILD_CAPTIONER_OPTIONS,
  CAPTIONER_FIT_OPTIONS,
  CAPTIONER_IMAGE_OPTIONS,
  CAPTIONER_OPTIONS,
  CAPTIONER_TOKEN_OPTIONS,
  CAPTION_PREDICT_OPTIONS,
} from "../../src/models/captioner/options.js";
import { CLASSIFIER_FIT_OPTIONS } from "../../src/models/classifier/options.js";
import { FIT_OPTIONS } from "../../src/models/kit/fit-options.js";
import type { OptionTable } from "../../src/core/options.js";
import {
  BUILD_OPTIONS,
  LANGUAGE_MODEL_FIT_OPTIONS,
  LANGUAGE_MODEL_OPTIONS,
} from "../../src/models/language-model/options.js";
import { ENCODER_OPTIONS } from "../../src/models/parts/encoder-options.js";
import { SERIES_OPTIONS } from "../../src/models/parts/series-input.js";
import { SOUND_OPTIONS } from "../../src/models/parts/sound-input.js";
import { AUGMENTATION_OPTIONS } from "../../src/models/parts/sound-augmentation.js";
import {
  BUILD_SPEECH_OPTIONS,
  SPEECH_OPTIONS,
  SPEECH_SEARCH_OPTIONS,
} from "../../src/models/speech/options.js";
import { TEXT_OPTIONS } from "../../src/models/parts/text-input.js";
import { TOKEN_OPTIONS } from "../../src/text/tokens.js";
import { WORD_ENCODER_OPTIONS } from "../../src/models/parts/word-encoder.js";
import { FORECASTER_FIT_OPTIONS, FORECASTER_OPTIONS } from "../../src/models/forecaster/options.js";
import { SEQ2SEQ_FIT_OPTIONS } from "../../src/models/seq2seq/fit-options.js";
import { BUILD_SEQ2SEQ_OPTIONS, SEQ2SEQ_OPTIONS } from "../../src/models/seq2seq/options.js";
import { MUSIC_FIT_OPTIONS, MUSIC_OPTIONS } from "../../src/models/music/options.js";
import { ONE_SHOT_OPTIONS } from "../../src/models/siamese/one-shot.js";
import { SIAMESE_FIT_OPTIONS, SIAMESE_OPTIONS } from "../../src/models/siamese/options.js";
import { PREDICT_OPTIONS, SEARCH_OPTIONS } from "../../src/models/seq2seq/search-options.js";
import { PAIR_TOKEN_OPTIONS } from "../../src/models/seq2seq/token-options.js";
import { BUILD_TAGGER_OPTIONS, TAGGER_OPTIONS } from "../../src/models/tagger/options.js";

const { mean, recurrent, convolutional, transformer, "lstm-fcn": lstmFCN } = ENCODER_OPTIONS;
const tables: [file: string, name: string, table: object][] = [
  ["kit/fit-options.ts", "FitOptions", FIT_OPTIONS],
  ["../text/tokens.ts", "TokenOptions", TOKEN_OPTIONS],
  ["parts/text-input.ts", "TextInputOptions", TEXT_OPTIONS],
  ["parts/series-input.ts", "SeriesOptions", SERIES_OPTIONS],
  ["parts/sound-input.ts", "SoundOptions", SOUND_OPTIONS],
  ["parts/sound-augmentation.ts", "SoundAugmentation", AUGMENTATION_OPTIONS],
  ["speech/options.ts", "SpeechOptions", SPEECH_OPTIONS],
  ["speech/options.ts", "BuildSpeechOptions", BUILD_SPEECH_OPTIONS],
  ["speech/options.ts", "SpeechSearchOptions", SPEECH_SEARCH_OPTIONS],
  ["parts/word-encoder.ts", "WordEncoderOptions", WORD_ENCODER_OPTIONS],
  ...[mean, recurrent, convolutional, transformer, lstmFCN].map(
    (table) => ["parts/encoder-options.ts", "EveryEncoder", table] as [string, string, object],
  ),
  ["parts/encoder-options.ts", "MeanOptions", mean],
  ["parts/encoder-options.ts", "RecurrentEncoderOptions", recurrent],
  ["parts/encoder-options.ts", "ConvolutionOptions", convolutional],
  ["parts/encoder-options.ts", "TransformerEncoderOptions", transformer],
  ["parts/encoder-options.ts", "LSTMFCNOptions", lstmFCN],
  ["tagger/options.ts", "SequenceTaggerOptions", TAGGER_OPTIONS],
  ["tagger/options.ts", "BuildTaggerOptions", BUILD_TAGGER_OPTIONS],
  ["autoencoder/options.ts", "AutoencoderOptions", AUTOENCODER_OPTIONS],
  ["autoencoder/options.ts", "AutoencoderFitExtra", AUTOENCODER_FIT_OPTIONS],
  ["classifier/options.ts", "ClassifierFitExtra", CLASSIFIER_FIT_OPTIONS],
  ["language-model/options.ts", "LanguageModelOptions", LANGUAGE_MODEL_OPTIONS],
  ["language-model/options.ts", "LanguageModelFitOptions", LANGUAGE_MODEL_FIT_OPTIONS],
  ["captioner/options.ts", "CaptionerOptions", CAPTIONER_OPTIONS],
  ["captioner/options.ts", "CaptionerImageOptions", CAPTIONER_IMAGE_OPTIONS],
  ["captioner/options.ts", "CaptionerTokenOptions", CAPTIONER_TOKEN_OPTIONS],
  ["captioner/options.ts", "CaptionerFitExtra", CAPTIONER_FIT_OPTIONS],
  ["captioner/options.ts", "CaptionPredictOptions", CAPTION_PREDICT_OPTIONS],
  ["forecaster/options.ts", "ForecasterOptions", FORECASTER_OPTIONS],
  ["forecaster/options.ts", "ForecasterFitExtra", FORECASTER_FIT_OPTIONS],
  ["music/options.ts", "MusicOptions", MUSIC_OPTIONS],
  ["music/options.ts", "MusicFitExtra", MUSIC_FIT_OPTIONS],
  ["seq2seq/options.ts", "Seq2SeqOptions", SEQ2SEQ_OPTIONS],
  ["seq2seq/token-options.ts", "PairTokenOptions", PAIR_TOKEN_OPTIONS],
  ["seq2seq/fit-options.ts", "Seq2SeqFitExtra", SEQ2SEQ_FIT_OPTIONS],
  ["siamese/options.ts", "SiameseOwnOptions", SIAMESE_OPTIONS],
  ["siamese/options.ts", "SiameseFitExtra", SIAMESE_FIT_OPTIONS],
  ["siamese/one-shot.ts", "OneShotOptions", ONE_SHOT_OPTIONS],
  ["seq2seq/search-options.ts", "SearchOptions", SEARCH_OPTIONS],
  ["seq2seq/search-options.ts", "Seq2SeqPredictOptions", PREDICT_OPTIONS],
];

/** The documentation of an interface's own members. */
function documented(file: string, name: string): [option: string, doc: string][] {
  const path = new URL(`../../src/models/${file}`, import.meta.url);
  const source = ts.createSourceFile(
    file,
    readFileSync(path, "utf8"),
    ts.ScriptTarget.Latest,
    true,
  );
  const found = source.statements.find(
    (one) => ts.isInterfaceDeclaration(one) && one.name.text === name,
  ) as ts.InterfaceDeclaration;
  return found.members.map((member) => {
    const doc = ts.getJSDocCommentsAndTags(member).map((one) => one.getText());
    return [member.name!.getText(), doc.join(" ").replace(/\s*\n\s*\*\s*/g, " ")];
  });
}

describe.each(tables)("%s: %s", (file, name, table) => {
  test("says the defaults that the table has", () => {
    const options = table as OptionTable;
    const docs = documented(file, name);
    expect(docs.length).toBeGreaterThan(0);
    for (const [option, doc] of docs) {
      if (option === "validation") continue;
      const { default: value } = options[option]!;
      const shown = Array.isArray(value) ? `[${value.join(", ")}]` : JSON.stringify(value);
      const said = / Default:? ([^:;.]*(?:\.\d+)?)/.exec(doc.replaceAll("`", ""))?.[1];
      expect(said, `${option}: ${doc}`).toBeDefined();
      if (value !== undefined)
        expect([option, said!.split(" */")[0]!.trim()]).toEqual([option, shown]);
      else expect(doc, option).toContain("Default: ");
    }
  });
});

test("every option has a line of help that names no default itself", () => {
  for (const table of [
    ...tables.map(([, , table]) => table),
    BUILD_OPTIONS,
    BUILD_SEQ2SEQ_OPTIONS,
    BUILD_CAPTIONER_OPTIONS,
  ])
    for (const [name, { help, default: value }] of Object.entries(table as OptionTable)) {
      expect(help, name).toMatch(/^\S.*[^.]$/);
      if (value !== undefined) expect(help, name).not.toContain("default");
    }
});
