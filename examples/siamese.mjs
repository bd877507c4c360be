// A Siamese network (Bromley et al. 1993) with triplet loss and the hardest negatives of each batch (Schroff et al. 2015;
// Hermans et al. 2017): an LSTM maps spellings of a name to vectors so that two spellings of one name lie close. Names
// never seen in training are matched from one example each.
import {
  Adam,
  Embedding,
  embedding,
  Linear,
  LSTM,
  manualSeed,
  Module,
  noGrad,
  rand,
  scope,
  tensor,
} from "hiddenstate";
import { padSequences } from "hiddenstate/data";
import { tripletMarginLoss } from "hiddenstate/losses";
import { cosineSimilarities, normalize } from "hiddenstate/ops";

const SIZE = 32;
const MARGIN = 0.4;

manualSeed(5);
const pick = (n) => Math.floor(scope(() => rand([1]).item()) * n);
const names = Array.from({ length: 80 }, () =>
  Array.from({ length: 3 + pick(2) }, () => "bdfgklmnprst"[pick(12)] + "aeiou"[pick(5)]).join(""),
);
/** A spelling: two letters changed, doubled or left out. */
function spell(name) {
  const letters = [...name];
  for (let change = 0; change < 2; change++) {
    const at = pick(letters.length);
    const kind = pick(3);
    letters.splice(
      at,
      1,
      ...(kind === 0 ? [] : kind === 1 ? [letters[at], letters[at]] : ["aeiou"[pick(5)]]),
    );
  }
  return letters.join("");
}

class Encoder extends Module {
  letters = new Embedding(27, 16);
  lstm = new LSTM(16, 48, { bidirectional: true });
  head = new Linear(96, SIZE);

  /** Words → unit vectors `[words, SIZE]` */
  forward(words) {
    const codes = words.map((word) => Array.from(word, (letter) => letter.charCodeAt(0) - 96));
    const { ids: padded, lengths, shape } = padSequences(codes);
    const letters = this.letters.forward(tensor(padded, { shape }));
    const { state } = this.lstm.forward(letters, { lengths });
    const both = state.h.permute([1, 0, 2]).reshape([words.length, 96]);
    return normalize(this.head.forward(both));
  }
}

const encoder = new Encoder();
const optimizer = new Adam(encoder.parameters(), { lr: 3e-3 });
const [known, unseen] = [names.slice(0, 60), names.slice(60)];

for (let step = 1; step <= 150; step++)
  scope(() => {
    const start = pick(known.length);
    const batch = Array.from({ length: 30 }, (_, i) => known[(start + i) % known.length]);
    const anchors = encoder.forward(batch.map(spell));
    const positives = encoder.forward(batch.map(spell));
    // For each anchor, the hardest negative of the batch: the nearest spelling of another name.
    const nearest = noGrad(() => cosineSimilarities(anchors, positives).toArray()).map((row, i) =>
      row.reduce((best, cosine, j) => (j !== i && (best < 0 || cosine > row[best]) ? j : best), -1),
    );
    const negatives = embedding(tensor(Int32Array.from(nearest)), positives);
    const loss = tripletMarginLoss(anchors, positives, negatives, { margin: MARGIN });
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    if (step % 15 === 0) console.log(`step ${step}  loss ${loss.item().toFixed(3)}`);
  });

// One-shot: one spelling of each new name is known; which name is another spelling of?
const right = scope(() =>
  noGrad(() => {
    const cosines = cosineSimilarities(
      encoder.forward(unseen.map(spell)),
      encoder.forward(unseen.map(spell)),
    );
    return cosines.toArray().filter((row, i) => row.indexOf(Math.max(...row)) === i).length;
  }),
);
console.log(`${right} of ${unseen.length} names never seen before matched from one example`);
if (right < 0.7 * unseen.length) throw new Error("It did not learn to match.");
