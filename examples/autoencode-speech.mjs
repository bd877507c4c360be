// A sequence autoencoder for sounds: an LSTM listens to a made vowel of changing pitch, frame by frame, and keeps twelve
// numbers; a second LSTM plays the spectrum again from them. Vowels come apart in those numbers though nobody named them.
import {
  Adam,
  Linear,
  LSTM,
  manualSeed,
  Module,
  mseLoss,
  noGrad,
  rand,
  scope,
  tanh,
  tensor,
} from "hiddenstate";
import { expand } from "hiddenstate/ops";

const [FRAMES, BANDS, CODE, BATCH] = [20, 16, 12, 32];
// The two lowest formants of some vowels, in Hz (Peterson & Barney 1952, men).
const VOWELS = { i: [270, 2290], a: [730, 1090], u: [300, 870], e: [530, 1840] };
const names = Object.keys(VOWELS);

manualSeed(15);
/** Energy in 16 bands up to 3.2 kHz: two formants that move a little, louder in the middle. */
function sound() {
  const [which, shift, drift, loudness] = rand([4]).data();
  const vowel = Math.floor(which * names.length);
  const frames = Array.from({ length: FRAMES }, (_, t) =>
    Array.from({ length: BANDS }, (_, band) => {
      const hertz = 200 * (band + 0.5);
      const envelope = Math.sin((Math.PI * (t + 0.5)) / FRAMES) * (0.6 + 0.4 * loudness);
      const move = 1 + 0.15 * (shift - 0.5) + (0.1 * (drift - 0.5) * t) / FRAMES;
      const near = (formant) => Math.exp(-(((hertz - formant * move) / 250) ** 2));
      return envelope * (near(VOWELS[names[vowel]][0]) + near(VOWELS[names[vowel]][1]));
    }),
  );
  return { vowel, frames };
}

class Autoencoder extends Module {
  encoder = new LSTM(BANDS, 48);
  squeeze = new Linear(48, CODE);
  decoder = new LSTM(CODE, 48);
  head = new Linear(48, BANDS);

  /** `[batch, frames, bands]` → `[batch, code]` */
  encode(x) {
    const { state } = this.encoder.forward(x);
    return tanh(this.squeeze.forward(state.h.reshape([x.shape[0], 48])));
  }

  decode(code) {
    const batch = code.shape[0];
    const each = expand(code.reshape([batch, 1, CODE]), [batch, FRAMES, CODE]);
    return this.head.forward(this.decoder.forward(each).output);
  }
}

const model = new Autoencoder();
const optimizer = new Adam(model.parameters(), { lr: 5e-3 });
for (let step = 1; step <= 300; step++)
  scope(() => {
    const x = tensor(Array.from({ length: BATCH }, () => sound().frames));
    const loss = mseLoss(model.decode(model.encode(x)), x);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    if (step % 25 === 0) console.log(`step ${step}  squared error ${loss.item().toFixed(5)}`);
  });

const sounds = Array.from({ length: 100 }, sound);
const { error, silence, codes } = scope(() =>
  noGrad(() => {
    const x = tensor(sounds.map(({ frames }) => frames));
    const code = model.encode(x);
    return {
      error: mseLoss(model.decode(code), x).item(),
      silence: x.mul(x).mean().item(),
      codes: code.toArray(),
    };
  }),
);
const kept = 1 - error / silence;
console.log(
  `${(100 * kept).toFixed(1)} % of the energy of new sounds comes back from ${CODE} numbers for ${FRAMES * BANDS}`,
);
const squared = (a, b) => a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0);
const alike = codes.filter((code, i) => {
  const distances = codes.map((other, j) => (i === j ? Infinity : squared(code, other)));
  return sounds[distances.indexOf(Math.min(...distances))].vowel === sounds[i].vowel;
}).length;
console.log(`${alike} of ${sounds.length} sounds have a code nearest to one of the same vowel`);
if (kept < 0.9 || alike < 90) throw new Error("The sounds did not come back.");
