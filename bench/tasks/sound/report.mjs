import { SpeechRecognizer } from "hiddenstate/models";
import { chances, dateDigits } from "./data.mjs";

const percent = (share) => `${(100 * share).toFixed(2)} %`;

/** Prints how often one digit is told. */
export async function reportDigits(name, model, examples) {
  if (!model) return console.log(`${examples.length} recordings, a tenth of them of each digit`);
  const { scores, details } = await model.evaluate(examples);
  console.log(String(details.confusion));
  console.log(`${name}: accuracy ${percent(scores.accuracy)} of ${examples.length}`);
}

/** Prints the label error rate of strings, and that of those with either noise; of a streaming model, as it hears them in pieces. */
export async function reportStrings(name, model, examples) {
  if (!model) return console.log(`${examples.length} strings`);
  const rate = async (some) => (await model.evaluate(some)).details;
  const white = await rate(examples.filter((_, i) => i % 2 === 0));
  const babble = await rate(examples.filter((_, i) => i % 2 === 1));
  const { words, right } = await rate(examples);
  console.log(
    `${name}: label error rate ${percent(words.errorRate)} of ${words.length} digits ` +
      `(${words.substitutions} substituted, ${words.insertions} inserted, ${words.deletions} deleted); ` +
      `white noise ${percent(white.words.errorRate)}, babble ${percent(babble.words.errorRate)}; ` +
      `${right} of ${examples.length} strings right`,
  );
  if (model.streaming) reportStream(model, examples);
}

/** Seconds of a piece that is pushed. */
const PIECE = 0.01;

/** Prints whether a stream has the texts of the whole, how long it takes, and how long after a digit's end it is written. */
function reportStream(model, examples) {
  const stream = model.stream({ beams: 1 });
  const piece = Math.round(PIECE * model.sampleRate);
  let [same, seconds] = [0, 0];
  const delays = [];
  const used = () => process.cpuUsage().user / 1e6;
  const began = used();
  let inPredict = 0;
  for (const { samples, text, ends } of examples) {
    const written = [];
    for (let at = 0; at < samples.length; at += piece) {
      const heard = stream
        .push(samples.subarray(at, at + piece))
        .text.split(" ")
        .filter(Boolean);
      while (written.length < heard.length) written.push((at + piece) / model.sampleRate);
    }
    const found = stream.end().text;
    const before = used();
    if (found === model.predict(samples, { beams: 1 }).text) same++;
    inPredict += used() - before;
    // What is wrong has no time at which it was said.
    if (found === text)
      delays.push(
        ...ends.map((end, digit) => (written[digit] ?? samples.length / model.sampleRate) - end),
      );
    seconds += samples.length / model.sampleRate;
    stream.reset();
  }
  delays.sort((a, b) => a - b);
  const at = (share) => (1000 * delays[Math.floor(share * (delays.length - 1))]).toFixed(0);
  console.log(
    `in pieces of 10 ms: ${same} of ${examples.length} texts those of the whole; look-ahead ${(1000 * model.lookAhead).toFixed(0)} ms; ` +
      `${percent((used() - began - inPredict) / seconds)} of real time; a digit is written ${at(0.5)} ms after its end, ` +
      `90 % within ${at(0.9)}, 99 % within ${at(0.99)} (of strings that are right)`,
  );
}

/** Weights of the language model and of each label that are tried on validation strings. */
const [ALPHAS, BETAS] = [
  [0.2, 0.4, 0.7, 1, 1.5],
  [0, 0.5, 1, 1.5, 2, 3],
];

/** Prints what a language model of dates brings: its weights are found on validation strings, kept from the model's training. */
export async function reportDates(name, model, examples, _, { valid }) {
  if (!(model instanceof SpeechRecognizer)) return console.log(`${examples.length} dates`);
  const chance = chances(99);
  const texts = Array.from({ length: 5000 }, () => dateDigits(chance).join(" "));
  const languageModel = await model.languageModel(texts, { order: 6 });
  const rate = async (some, options) =>
    (await model.evaluate(some, options)).details.words.errorRate;
  let best = { rate: Infinity };
  for (const alpha of ALPHAS)
    for (const beta of BETAS) {
      const own = await rate(valid, { languageModel, alpha, beta });
      if (own < best.rate) best = { rate: own, alpha, beta };
    }
  const { alpha, beta } = best;
  console.log(`validation: alpha ${alpha}, beta ${beta}: label error rate ${percent(best.rate)}`);
  const [greedy, beam, both] = [
    await rate(examples, { beams: 1 }),
    await rate(examples, {}),
    await rate(examples, { languageModel, alpha, beta }),
  ];
  console.log(
    `${name}: label error rate ${percent(greedy)} greedy, ${percent(beam)} by beam search, ` +
      `${percent(both)} with a language model`,
  );
}
