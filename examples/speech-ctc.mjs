// Connectionist temporal classification (Graves et al. 2006): a recognizer hears a made "speech" of chords as words and says which were
// spoken, and when, in order, without having been told where each of them is.
import { writeFileSync } from "node:fs";
import { manualSeed, rand, randn, scope } from "hiddenstate";
import { htmlPage, spectrogramChart } from "hiddenstate/inspect";
import { SpeechRecognizer } from "hiddenstate/models";

const RATE = 4000;
/** The lower tone of each word; the upper one is 5 / 2 of it. */
const WORDS = { do: 130, re: 240, mi: 420, fa: 700 };

manualSeed(2);
const chance = (from, to) => from + (to - from) * scope(() => rand([1]).item());
const anyWord = () => Object.keys(WORDS)[Math.floor(chance(0, 4))];

/** Some words, each a fifth of a second or so of its chord, with pauses between, and noise over all. */
function utterance(count) {
  const words = Array.from({ length: count }, anyWord);
  const seconds = words.map(() => ({ pause: chance(0.05, 0.15), sound: chance(0.15, 0.25) }));
  const samples = words.flatMap((word, i) => {
    const [pause, sound] = [seconds[i].pause, seconds[i].sound].map((s) => Math.round(s * RATE));
    const turn = (2 * Math.PI * WORDS[word]) / RATE;
    const chord = Array.from(
      { length: sound },
      (_, t) => Math.sin(turn * t) + Math.sin(2.5 * turn * t),
    );
    return [...Array(pause).fill(0), ...chord];
  });
  samples.push(...Array(400).fill(0));
  const noise = scope(() => randn([samples.length]).data());
  return {
    samples: Float32Array.from(samples, (sample, t) => 0.2 * sample + 0.02 * noise[t]),
    sampleRate: RATE,
    text: words.join(" "),
  };
}

const examples = Array.from({ length: 60 }, (_, i) => utterance(1 + (i % 3)));
const model = SpeechRecognizer.build(examples, {
  ...{ streaming: true, units: "words", nMels: 24, channels: 8, hiddenSize: 32, numLayers: 1 },
  // Two tones are all that a word has: masks over frequencies would take them, another speed would make them others.
  ...{ dropout: 0, speed: 0, noise: 0, frequencyMasks: 0, timeMasks: 0, subsampling: 4 },
});
await model.fit(examples, {
  ...{ steps: 200, batchSize: 8, learningRate: 0.01 },
  onStep: ({ step, loss }) =>
    step % 20 === 0 && console.log(`step ${step}  loss ${loss.toFixed(3)}`),
});

const tests = Array.from({ length: 30 }, () => utterance(4));
const { scores } = await model.evaluate(tests);
console.log(`word error rate of strings of four ${(100 * scores.wer).toFixed(1)} %`);

// As it is spoken, a tenth of a second at a time.
const stream = model.stream();
const [{ samples, text }] = tests;
for (let at = 0; at < samples.length; at += RATE / 10) {
  const heard = stream.push(samples.subarray(at, at + RATE / 10));
  console.log(`${(at / RATE + 0.1).toFixed(1)} s  ${heard.text}`);
}
const { words, ...end } = stream.end();
console.log(`spoken ${text}, heard ${end.text}`);

const { extractor, frameSeconds } = model.input;
const figure = spectrogramChart(extractor.extract(samples), { words, frameSeconds, title: text });
writeFileSync("heard.html", htmlPage("What was heard", [{ figure }]));
if (scores.wer > 0.2) throw new Error("It did not learn to listen.");
