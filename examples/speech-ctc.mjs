// Connectionist temporal classification (Graves et al. 2006): a bidirectional LSTM reads frames of a made "speech" and says
// which sounds were spoken, in order, without having been told where each of them is.
import {
  Adam,
  argmax,
  clipGradNorm,
  Linear,
  LSTM,
  manualSeed,
  Module,
  noGrad,
  rand,
  randn,
  scope,
  tensor,
} from "hiddenstate";
import { ctcLoss } from "hiddenstate/losses";

const SOUNDS = "aeimost";
const [BLANK, CLASSES, FEATURES] = [0, SOUNDS.length + 1, 12];
const SPOKEN = 4;

manualSeed(2);
const pick = (n) => Math.floor(scope(() => rand([1]).item()) * n);
const spectra = randn([CLASSES, FEATURES]).toArray();

/** Some sounds, each two to five frames of its spectrum plus noise, with pauses between. */
function utterance() {
  const sounds = Array.from({ length: SPOKEN }, () => 1 + pick(SOUNDS.length));
  const frames = sounds.flatMap((sound) => [
    ...Array(1 + pick(3)).fill(BLANK),
    ...Array(2 + pick(4)).fill(sound),
  ]);
  const noise = randn([frames.length, FEATURES]).mul(0.4).toArray();
  return {
    sounds,
    frames: frames.map((sound, t) => noise[t].map((n, f) => n + spectra[sound][f])),
  };
}

class Recognizer extends Module {
  lstm = new LSTM(FEATURES, 24, { bidirectional: true });
  head = new Linear(48, CLASSES);

  /** utterances → logits `[batch, time, classes]`, and how many frames of each row count */
  forward(utterances) {
    const lengths = utterances.map(({ frames }) => frames.length);
    const time = Math.max(...lengths);
    const x = new Float32Array(utterances.length * time * FEATURES);
    utterances.forEach(({ frames }, row) => x.set(frames.flat(), row * time * FEATURES));
    const { output } = this.lstm.forward(tensor(x, { shape: [lengths.length, time, FEATURES] }), {
      lengths,
    });
    return { logits: this.head.forward(output), lengths };
  }
}

/** The best class of each frame, repetitions and blanks removed. */
function recognize(utterances) {
  const { logits, lengths } = model.forward(utterances);
  return argmax(logits, -1)
    .toArray()
    .map((classes, row) =>
      classes
        .slice(0, lengths[row])
        .filter((label, t) => label !== BLANK && label !== classes[t - 1]),
    );
}

const model = new Recognizer();
const optimizer = new Adam(model.parameters(), { lr: 0.01 });
for (let step = 1; step <= 100; step++)
  scope(() => {
    const batch = Array.from({ length: 6 }, utterance);
    const { logits, lengths } = model.forward(batch);
    const targets = tensor(Int32Array.from(batch.flatMap(({ sounds }) => sounds)), {
      shape: [batch.length, SPOKEN],
    });
    const loss = ctcLoss(logits, targets, { inputLengths: lengths, blank: BLANK });
    optimizer.zeroGrad();
    loss.backward();
    clipGradNorm(model.parameters(), 5);
    optimizer.step();
    if (step % 10 === 0) console.log(`step ${step}  loss ${loss.item().toFixed(3)}`);
  });

const spell = (labels) => labels.map((label) => SOUNDS[label - 1]).join("");
const tests = Array.from({ length: 30 }, utterance);
const heard = scope(() => noGrad(() => recognize(tests)));
const right = tests.filter(({ sounds }, i) => spell(sounds) === spell(heard[i])).length;
console.log(`spoken ${spell(tests[0].sounds)}, heard ${spell(heard[0])}`);
console.log(`${right} of ${tests.length} new utterances right`);
if (right < 0.8 * tests.length) throw new Error("It did not learn to listen.");
