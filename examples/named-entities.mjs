// Named entities with a bidirectional LSTM and a linear-chain CRF (Lafferty et al. 2001; Huang et al. 2015). The score of
// a tagging is the sum of its emissions and transitions; the loss is log Z - score; Viterbi finds the best tagging.
import {
  Adam,
  Embedding,
  gather,
  Linear,
  logSumExp,
  LSTM,
  manualSeed,
  Module,
  noGrad,
  Parameter,
  rand,
  scope,
  tensor,
  zeros,
} from "hiddenstate";
import { Vocabulary } from "hiddenstate/text";

const TAGS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"];
const LENGTH = 8;
const BATCH = 32;

// Sentences of eight words. Whether "jordan" is a person or a place only the words around tell.
manualSeed(11);
const pick = (list) => list[Math.floor(rand([1]).data()[0] * list.length)];
const first = ["jordan", "paris", "ada", "grace", "alan"];
const last = ["lee", "stone", "hill", "hopper", "york"];
const place = [["jordan"], ["paris"], ["new", "york"], ["stone", "hill"], ["kenya"]];
function sentence() {
  const person = pick([[pick(first)], [pick(first), pick(last)]]);
  const where = pick(place);
  const tag = (words, kind) => words.map((word, i) => [word, `${i === 0 ? "B" : "I"}-${kind}`]);
  const plain = (text) => text.split(" ").map((word) => [word, "O"]);
  const words = pick([
    () => [...tag(person, "PER"), ...plain("flew to"), ...tag(where, "LOC"), ...plain("today")],
    () => [...plain("in"), ...tag(where, "LOC"), ...plain("lives"), ...tag(person, "PER")],
    () => [...plain("we met"), ...tag(person, "PER"), ...plain("near"), ...tag(where, "LOC")],
  ])();
  while (words.length < LENGTH) words.push([".", "O"]);
  return words;
}

const corpus = Array.from({ length: 400 }, sentence);
const vocabulary = Vocabulary.build(corpus.flat().map(([word]) => word));

class Tagger extends Module {
  embedding = new Embedding(vocabulary.size, 24);
  lstm = new LSTM(24, 24, { bidirectional: true });
  head = new Linear(48, TAGS.length);
  /** `[from, to]`, and what it costs to begin with a tag. */
  transitions = new Parameter(zeros([TAGS.length, TAGS.length]));
  begin = new Parameter(zeros([TAGS.length]));

  /** ids `[batch, time]` → emissions `[batch, time, tags]` */
  emissions(ids) {
    return this.head.forward(this.lstm.forward(this.embedding.forward(ids)).output);
  }

  /** log Z - score, the mean over the batch. */
  loss(ids, tags) {
    const emissions = this.emissions(ids);
    const [batch, time, count] = emissions.shape;
    const at = (t) => emissions.slice(1, t, t + 1).reshape([batch, count]);
    // The forward algorithm: alpha[tag] = log of the summed scores of all ways that end in tag.
    let alpha = at(0).add(this.begin);
    for (let t = 1; t < time; t++)
      alpha = logSumExp(alpha.reshape([batch, count, 1]).add(this.transitions), 1).add(at(t));
    const own = gather(emissions, 2, tags.reshape([batch, time, 1])).sum([1, 2]);
    const steps = tags.data();
    const moves = Int32Array.from({ length: batch * (time - 1) }, (_, i) => {
      const t = Math.floor(i / (time - 1)) * time + (i % (time - 1));
      return steps[t] * count + steps[t + 1];
    });
    const moved = gather(this.transitions.reshape([count * count]), 0, tensor(moves))
      .reshape([batch, time - 1])
      .sum(1);
    const began = gather(this.begin, 0, tags.slice(1, 0, 1).reshape([batch]));
    return logSumExp(alpha, 1).sub(own.add(moved).add(began)).mean();
  }

  /** The best tagging of each row (Viterbi 1967). */
  decode(ids) {
    const [transitions, begin] = [this.transitions.toArray(), this.begin.toArray()];
    return this.emissions(ids)
      .toArray()
      .map((steps) => {
        let score = steps[0].map((emission, tag) => emission + begin[tag]);
        const back = steps.slice(1).map((step) => {
          const from = step.map((_, to) =>
            score.reduce(
              (best, s, i) =>
                s + transitions[i][to] > score[best] + transitions[best][to] ? i : best,
              0,
            ),
          );
          score = step.map(
            (emission, to) => score[from[to]] + transitions[from[to]][to] + emission,
          );
          return from;
        });
        const path = [score.indexOf(Math.max(...score))];
        for (const from of back.toReversed()) path.unshift(from[path[0]]);
        return path;
      });
  }
}

const model = new Tagger();
const optimizer = new Adam(model.parameters(), { lr: 0.01 });
const encode = (words) => ({
  ids: tensor(
    words.map((row) => row.map(([word]) => vocabulary.id(word))),
    { dtype: "int32" },
  ),
  tags: tensor(
    words.map((row) => row.map(([, tag]) => TAGS.indexOf(tag))),
    { dtype: "int32" },
  ),
});

const training = corpus.slice(0, 320);
for (let step = 0; step < 60; step++)
  scope(() => {
    const start = (step * BATCH) % training.length;
    const { ids, tags } = encode(training.slice(start, start + BATCH));
    const loss = model.loss(ids, tags);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    if (step % 20 === 19) console.log(`step ${step + 1}  loss ${loss.item().toFixed(3)}`);
  });

const held = corpus.slice(320);
const said = scope(() => noGrad(() => model.decode(encode(held).ids)));
const whole = held.filter((words, i) =>
  words.every(([, tag], t) => TAGS[said[i][t]] === tag),
).length;
console.log(held[0].map(([word], t) => `${word}/${TAGS[said[0][t]]}`).join(" "));
console.log(`${whole} of ${held.length} new sentences tagged without a mistake`);
if (whole < 0.9 * held.length) throw new Error("It did not learn to tag.");
