// A sequence autoencoder for sounds: an LSTM listens to made vowels of changing pitch and length, frame by frame, and keeps twelve numbers of
// each; a second LSTM writes the spectrogram again from them. Vowels come apart in those numbers though nobody named them, and a sound
// that is no vowel does not come back.
import { writeFileSync } from "node:fs";
import { manualSeed, rand, scope } from "hiddenstate";
import { logMel } from "hiddenstate/audio";
import { reconstructionChart } from "hiddenstate/inspect";
import { SequenceAutoencoder, series } from "hiddenstate/models";

const RATE = 8000;
const BANDS = 24;
// The two lowest formants of some vowels, in Hz (Peterson & Barney 1952, men).
const VOWELS = { i: [270, 2290], a: [730, 1090], u: [300, 870], e: [530, 1840] };
const names = Object.keys(VOWELS);

manualSeed(15);
const chances = (count) => scope(() => rand([count]).data());

/** A quarter of a second or more of a voice whose pitch falls: its overtones are as loud as they are near to a formant. */
function vowel() {
  const [which, length, pitch, loudness] = chances(4);
  const name = names[Math.floor(which * names.length)];
  const count = Math.floor(RATE * (0.25 + 0.15 * length));
  const samples = new Float32Array(count);
  for (let overtone = 1; overtone <= 20; overtone++) {
    const hertz = overtone * (100 + 60 * pitch);
    const near = VOWELS[name].map((formant) => Math.exp(-(((hertz - formant) / 200) ** 2)));
    const height = (near[0] + near[1] + 0.02) * (0.05 + 0.1 * loudness);
    for (let t = 0; t < count; t++)
      samples[t] += height * Math.sin(((2 * Math.PI * hertz * t) / RATE) * (1 - (0.1 * t) / count));
  }
  return { name, samples };
}

/** Every 20 ms the logarithm of the energy in 24 bands. */
const frames = (samples) =>
  scope(() => {
    const options = { nFft: 256, hopLength: 160, nMels: BANDS, amin: 1e-4, log: "natural" };
    return logMel(samples, { sampleRate: RATE, ...options }).data();
  });

const learnt = Array.from({ length: 200 }, vowel);
const examples = learnt.map(({ samples }) => ({ input: frames(samples) }));
const [train, validation] = [examples.slice(0, 160), examples.slice(160)];
const model = SequenceAutoencoder.build(train, {
  input: series({ features: BANDS }),
  hiddenSize: 48,
  outputSize: 12,
});
await model.fit(train, {
  ...{ validation, epochs: 40, learningRate: 0.01, schedule: "linear" },
  onEvaluation: ({ epoch, validation: scores }) =>
    console.log(`epoch ${epoch + 1}  error ${scores.error.toFixed(3)} of new vowels`),
});

const sounds = Array.from({ length: 100 }, vowel);
const heard = sounds.map(({ samples }) => frames(samples));
const { scores } = await model.evaluate(heard.map((input) => ({ input })));
const kept = 1 - scores.error;
console.log(
  `${(100 * kept).toFixed(1)} % of the variance of new vowels comes back from 12 numbers`,
);

const codes = model.encodeBatch(heard);
const squared = (a, b) => a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0);
const alike = codes.filter((code, i) => {
  const distances = codes.map((other, j) => (i === j ? Infinity : squared(code, other)));
  return sounds[distances.indexOf(Math.min(...distances))].name === sounds[i].name;
}).length;
console.log(`${alike} of 100 vowels have a code nearest to one of the same vowel`);

const noise = chances(2400).map((chance) => 0.2 * (chance - 0.5));
const { score, anomaly } = model.predict(frames(noise));
console.log(`noise: ${score.toFixed(1)}, above ${model.threshold.toFixed(2)}: ${anomaly}`);

const page = "autoencode-speech.svg";
const [before, after] = [heard[0], model.reconstruct(heard[0])];
const title = `"${sounds[0].name}" before and after`;
writeFileSync(page, reconstructionChart(before, after, { features: BANDS, title }));
console.log(`A picture of it: ${page}`);
if (kept < 0.8 || alike < 90 || !anomaly) throw new Error("The sounds did not come back.");
