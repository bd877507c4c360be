// Connectionist temporal classification (Graves et al. 2006): a bidirectional LSTM reads frames of a made "speech" and says
// which sounds were spoken, in order, without having been told where each of them is.
import {
  Adam,
  argmax,
  clipGradNorm,
  concat,
  full,
  gather,
  Linear,
  logSoftmax,
  logSumExp,
  LSTM,
  manualSeed,
  Module,
  noGrad,
  rand,
  randn,
  scope,
  stack,
  tensor,
} from "hiddenstate";

const SOUNDS = "aeimost";
const [BLANK, CLASSES, FEATURES] = [0, SOUNDS.length + 1, 12];
const NEVER = -1e30;

manualSeed(2);
const pick = (n) => Math.floor(rand([1]).data()[0] * n);
const spectra = randn([CLASSES, FEATURES]).toArray();

/** Four sounds, each two to five frames of its spectrum plus noise, with pauses between. */
function utterance() {
  const sounds = Array.from({ length: 4 }, () => 1 + pick(SOUNDS.length));
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

/**
 * -log of the summed probability of all paths that collapse to the target. Between the labels of the target, before and
 * after them, a blank may stand: alpha[s] is the log-probability of having reached place s of that extended target.
 *
 * @param logProbabilities `[time, classes]`
 */
function ctcLoss(logProbabilities, target) {
  const extended = [BLANK, ...target.flatMap((label) => [label, BLANK])];
  const [time] = logProbabilities.shape;
  const at = (t) =>
    gather(
      logProbabilities.slice(0, t, t + 1).reshape([CLASSES]),
      0,
      tensor(Int32Array.from(extended)),
    );
  const never = (count) => full([count], NEVER);
  const size = extended.length;
  // A blank between two different labels may be left out.
  const skip = tensor(
    Float32Array.from(extended, (label, s) =>
      s >= 2 && label !== BLANK && label !== extended[s - 2] ? 0 : NEVER,
    ),
  );
  let alpha = concat([at(0).slice(0, 0, 2), never(size - 2)], 0);
  for (let t = 1; t < time; t++) {
    const one = concat([never(1), alpha.slice(0, 0, size - 1)], 0);
    const two = concat([never(2), alpha.slice(0, 0, size - 2)], 0).add(skip);
    alpha = logSumExp(stack([alpha, one, two], 0), 0).add(at(t));
  }
  return logSumExp(alpha.slice(0, size - 2, size), 0).neg();
}

class Recognizer extends Module {
  lstm = new LSTM(FEATURES, 24, { bidirectional: true });
  head = new Linear(48, CLASSES);

  /** frames `[time, features]` → log-probabilities `[time, classes]` */
  forward(frames) {
    const x = tensor(frames).reshape([1, frames.length, FEATURES]);
    return logSoftmax(this.head.forward(this.lstm.forward(x).output), -1).reshape([
      frames.length,
      CLASSES,
    ]);
  }
}

/** The best class of each frame, repetitions and blanks removed. */
function recognize(frames) {
  const best = [...argmax(model.forward(frames), -1).data()];
  return best.filter((label, t) => label !== BLANK && label !== best[t - 1]);
}

const model = new Recognizer();
const optimizer = new Adam(model.parameters(), { lr: 0.01 });
for (let step = 1; step <= 100; step++)
  scope(() => {
    const batch = Array.from({ length: 6 }, utterance);
    const losses = batch.map(({ frames, sounds }) => ctcLoss(model.forward(frames), sounds));
    const loss = stack(losses, 0).mean();
    optimizer.zeroGrad();
    loss.backward();
    clipGradNorm(model.parameters(), 5);
    optimizer.step();
    if (step % 25 === 0) console.log(`step ${step}  loss ${loss.item().toFixed(3)}`);
  });

const spell = (labels) => labels.map((label) => SOUNDS[label - 1]).join("");
const tests = Array.from({ length: 30 }, utterance);
const heard = scope(() => noGrad(() => tests.map(({ frames }) => recognize(frames))));
const right = tests.filter(({ sounds }, i) => spell(sounds) === spell(heard[i])).length;
console.log(`spoken ${spell(tests[0].sounds)}, heard ${spell(heard[0])}`);
console.log(`${right} of ${tests.length} new utterances right`);
if (right < 0.8 * tests.length) throw new Error("It did not learn to listen.");
