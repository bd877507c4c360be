// `hiddenstate predict` with a recognizer: WAV files, or samples while they come in.
import { definedOnly } from "../../core/check.js";
import { flag, number, pickOptions, text, whole, type OptionTable } from "../../core/options.js";
import { lineChunks, linesOf } from "../../data/source.js";
import { htmlPage, type PageSection } from "../../inspect/page.js";
import { spectrogramChart } from "../../inspect/spectrogram-chart.js";
import type { Recording } from "../../models/parts/recording.js";
import type { Transcript } from "../../models/speech/example.js";
import { SPEECH_SEARCH_OPTIONS } from "../../models/speech/options.js";
import type { SpeechPredictOptions } from "../../models/speech/search.js";
import type { SpeechRecognizer } from "../../models/speech/speech-recognizer.js";
import { checkWritable, writeBytes } from "../../platform/node/files.js";
import { readText } from "../../platform/node/text.js";
import { scope } from "../../tensor/scope.js";
import { readWavFile } from "../data/wav-file.js";
import type { Given, Prediction } from "../task.js";
import { UsageError } from "../usage.js";

/** A page of more pictures would be too heavy. */
const MOST_PICTURES = 20;

/** How texts are searched for: for `train`, `evaluate` and `predict`. */
export const SEARCH: OptionTable = {
  ...(SPEECH_SEARCH_OPTIONS as OptionTable),
  texts: {
    ...text(
      undefined,
      "a file of texts such as may be said, one a line, for a language model (default: none)",
    ),
    form: "a file",
  },
};

/** The options of a search as the model takes them, the language model made of the texts. */
export async function searchOf(
  model: SpeechRecognizer,
  { texts, ...given }: Given,
): Promise<SpeechPredictOptions> {
  const options = pickOptions(SPEECH_SEARCH_OPTIONS, given);
  if (texts === undefined) {
    if (given.alpha !== undefined)
      throw new UsageError({
        op: "--alpha",
        expected: "--texts FILE, whose language model it weighs",
        got: "none",
      });
    return options;
  }
  const lines: string[] = [];
  for await (const line of linesOf(readText(texts as string))) lines.push(line);
  return { ...options, languageModel: await model.languageModel(lines) };
}

export const predictSpeech: Prediction<SpeechRecognizer> = {
  options: {
    ...SEARCH,
    json: flag(false, "JSON lines, with everything that the model finds"),
    picture: {
      ...text(
        undefined,
        "a page of the spectrograms with their words, of the first 20 files (default: none)",
      ),
      form: "a file",
    },
    stream: flag(
      false,
      "hear samples of standard input while they come: 16 bits, little-endian, one channel",
    ),
    sampleRate: whole(1, undefined, "with --stream: samples a second (default: the model's)"),
    pause: number({ above: 0 }, 1, "with --stream: seconds of silence that end an utterance"),
  },
  help: `  speech       the text of each WAV file; with --stream the text so far, followed by " …", and each utterance when it ends`,
  operands: "WAV files",

  check({ stream, sampleRate, pause, picture }) {
    if (stream && picture !== undefined)
      throw new UsageError({ op: "--picture", expected: "WAV files", got: "--stream" });
    if (stream || (sampleRate ?? pause) === undefined) return;
    throw new UsageError({
      op: sampleRate === undefined ? "--pause" : "--sample-rate",
      expected: "--stream, which it is for",
      got: "none",
    });
  },

  async *lines(model, source, given) {
    const options = await searchOf(model, given);
    const page = given.picture as string | undefined;
    if (page !== undefined) await checkWritable(page);
    const pictures: PageSection[] = [];
    for await (const paths of lineChunks(source))
      for (const path of paths) {
        const recording = readWavFile(path);
        const { alternatives: _, ...found } = model.predict(recording, options);
        if (page !== undefined && pictures.length < MOST_PICTURES)
          pictures.push(pictureOf(model, path, recording, found));
        yield given.json ? JSON.stringify({ path, ...found }) : found.text;
      }
    if (page !== undefined)
      await writeBytes(page, new TextEncoder().encode(htmlPage("What was heard", pictures)));
  },

  raw: {
    option: "stream",
    async *lines(model, source, given) {
      const {
        json,
        sampleRate,
        pause = 1,
      } = given as {
        json?: boolean;
        sampleRate?: number;
        pause?: number;
      };
      if (!model.streaming)
        throw new UsageError({
          op: "--stream",
          expected: "a model that train --streaming made",
          got: "one that reads recordings backwards too",
          cure: "It takes whole WAV files, by their names.",
        });
      const options = await searchOf(model, given);
      const stream = model.stream({ ...options, ...definedOnly({ sampleRate }) });
      const ended = () => {
        const { alternatives: _, ...found } = stream.end();
        stream.reset();
        return json ? JSON.stringify({ ...found, ended: true }) : found.text;
      };
      let told = "";
      for await (const samples of samplesOf(source)) {
        const { silence, ...heard } = stream.push(samples);
        if (heard.text !== told)
          yield json ? JSON.stringify({ ...heard, ended: false }) : `${heard.text} …`;
        told = heard.text;
        if (told === "" || silence < pause) continue;
        yield ended();
        told = "";
      }
      if (told !== "" || json) yield ended();
      stream.dispose();
    },
  },
};

function pictureOf(
  { input }: SpeechRecognizer,
  path: string,
  recording: Recording,
  { text, words }: Pick<Transcript, "text" | "words">,
): PageSection {
  const samples = input.encode("predict", recording);
  const { frameSeconds } = input;
  const figure = scope(() =>
    spectrogramChart(input.extractor.extract(samples), { words, frameSeconds, title: text || "–" }),
  );
  return { heading: path, figure };
}

/** Samples of 16 bits out of bytes that may be cut within one. */
async function* samplesOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Float32Array, void> {
  let odd: number | undefined;
  for await (const chunk of source) {
    const bytes = odd === undefined ? chunk : Uint8Array.of(odd, ...chunk);
    odd = bytes.length % 2 === 1 ? bytes.at(-1) : undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const count = bytes.length >> 1;
    if (count > 0)
      yield Float32Array.from({ length: count }, (_, i) => view.getInt16(2 * i, true) / 32768);
  }
}
