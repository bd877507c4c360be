// A word language model with tied weights (Press & Wolf 2017), trained on windows of a text whose state is carried along
// (truncated backpropagation through time); then three ways to write with it, several sentences at once: greedily, by
// sampling, and by beam search, which finds sentences more probable than the greedy ones.
import {
  Adam,
  clipGradNorm,
  crossEntropy,
  Embedding,
  Linear,
  LSTM,
  manualSeed,
  Module,
  noGrad,
  rand,
  scope,
  tensor,
} from "hiddenstate";
import { StreamWindows } from "hiddenstate/data";
import { beamSearch, checkSelect, checkStep, greedy, sample } from "hiddenstate/decode";
import { perplexity, unigramPerplexity } from "hiddenstate/metrics";
import { indexSelect } from "hiddenstate/ops";
import { Vocabulary } from "hiddenstate/text";

const SIZE = 48;

manualSeed(12);
const pick = (list) => list[Math.floor(scope(() => rand([1]).item()) ** 2 * list.length)]; // the first more often
const noun = () => pick(["captain", "sailor", "whale", "ship", "storm", "island"]);
const verb = () => pick(["saw", "followed", "feared", "left"]);
const sentence = () =>
  pick([
    () => `the ${noun()} ${verb()} the ${noun()} .`,
    () => `one day the ${noun()} ${verb()} a ${noun()} and the ${noun()} slept .`,
    () => `a ${noun()} slept .`,
  ])();
const words = Array.from({ length: 1500 }, sentence).flatMap((text) => text.split(" "));
const vocabulary = Vocabulary.build(words);
const ids = vocabulary.encode(words);
const split = Math.floor(ids.length * 0.9);
const [training, held] = [ids.subarray(0, split), ids.subarray(split)];

class WordModel extends Module {
  embedding = new Embedding(vocabulary.size, SIZE);
  lstm = new LSTM(SIZE, SIZE);
  head = new Linear(SIZE, vocabulary.size);

  constructor() {
    super();
    this.head.weight = this.embedding.weight; // one parameter with two names
    scope(() => this.embedding.weight.set(this.embedding.weight.mul(0.1)));
  }

  forward(ids, state) {
    const next = this.lstm.forward(this.embedding.forward(ids), { state });
    return { logits: this.head.forward(next.output), state: next.state };
  }

  decoder(options) {
    return new WordDecoder(this, options);
  }
}

/** What greedy search, sampling and beam search need: a state for each row, one word at a time. */
class WordDecoder {
  classes = vocabulary.size;
  #model;
  #state;

  constructor(model, { rows, capacity }) {
    this.#model = model;
    this.rows = rows;
    this.capacity = capacity;
  }

  step(ids, logits) {
    checkStep("WordDecoder", this, ids, logits);
    this.#become(() => {
      const words = tensor(ids, { shape: [this.rows, 1] });
      const next = noGrad(() => this.#model.forward(words, this.#state));
      if (logits) next.logits.data(logits);
      return next.state;
    });
  }

  select(rows) {
    checkSelect("WordDecoder", this, rows);
    this.rows = rows.length;
    this.#become(() => {
      const index = tensor(rows);
      return { h: indexSelect(this.#state.h, 1, index), c: indexSelect(this.#state.c, 1, index) };
    });
  }

  dispose() {
    this.#state?.h.dispose();
    this.#state?.c.dispose();
  }

  #become(next) {
    const state = scope(next);
    this.dispose();
    this.#state = state;
  }
}

const model = new WordModel();
const optimizer = new Adam(model.parameters(), { lr: 0.01 });
const windows = new StreamWindows(training, { batch: 20, time: 20 });
const carry = model.lstm.carry(20);
for (let epoch = 1; epoch <= 6; epoch++) {
  let total = 0;
  carry.reset();
  for (const { input, target, shape } of windows)
    scope(() => {
      const { logits, state } = model.forward(tensor(input, { shape }), carry);
      const loss = crossEntropy(logits, tensor(target, { shape }));
      optimizer.zeroGrad();
      loss.backward();
      clipGradNorm(model.parameters(), 1);
      optimizer.step();
      carry.set(state);
      total += loss.item();
    });
  console.log(`epoch ${epoch}  perplexity ${perplexity(total / windows.length).toFixed(2)}`);
}

model.eval();
const heldLoss = scope(() =>
  noGrad(() => {
    const [window] = new StreamWindows(held, { batch: 1, time: held.length });
    const { logits } = model.forward(tensor(window.input, { shape: window.shape }));
    return crossEntropy(logits, tensor(window.target, { shape: window.shape })).item();
  }),
);
const unigram = unigramPerplexity(training, held, vocabulary.size);
console.log(
  `held out: ${perplexity(heldLoss).toFixed(2)}, counting words alone ${unigram.toFixed(2)}`,
);

const OPENINGS = [[], ["the"], ["one", "day", "the", "whale"]];
const BEAMS = 8;

/** What a search writes after a full stop, one sentence or several for each opening. */
function write(search, options) {
  const decoder = model.decoder({ rows: OPENINGS.length, capacity: OPENINGS.length * BEAMS });
  try {
    return search(decoder, {
      prompt: vocabulary.id("."),
      prefix: OPENINGS.map((opening) => vocabulary.encode(opening)),
      endToken: vocabulary.id("."),
      maxLength: 20,
      ...options,
    });
  } finally {
    decoder.dispose();
  }
}

const say = (how, { score, ids }) =>
  console.log(`${how.padEnd(9)} ${score.toFixed(2)}  ${vocabulary.decode(ids).join(" ")}`);

const likeliest = write(greedy);
const drawn = write(sample, { temperature: 0.8, seed: 3 });
const found = write(beamSearch, { beams: BEAMS, nBest: 3 });
OPENINGS.forEach((opening, i) => {
  console.log(`\n${[...opening, "…"].join(" ")}`);
  say("greedy", likeliest[i]);
  for (const text of drawn[i]) say("sampled", text);
  for (const text of found[i]) say("beam of 8", text);
});
const gains = found.map(([best], i) => best.score - likeliest[i].score);
if (gains.some((gain) => gain < 0)) throw new Error("The beam found less than the greedy way.");
if (!gains.some((gain) => gain > 0.1)) throw new Error("The beam never found more.");
if (perplexity(heldLoss) > unigram / 3) throw new Error("The model did not learn the language.");
