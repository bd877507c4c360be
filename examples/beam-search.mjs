// A word language model with tied weights (Press & Wolf 2017), trained on windows of a text whose state is carried along
// (truncated backpropagation through time); then three ways to write with it: greedily, by sampling, and by beam
// search, which finds sentences more probable than the greedy one.
import {
  Adam,
  argmax,
  clipGradNorm,
  crossEntropy,
  Embedding,
  Linear,
  logSoftmax,
  LSTM,
  manualSeed,
  Module,
  noGrad,
  rand,
  scope,
  tensor,
} from "hiddenstate";
import { StreamWindows } from "hiddenstate/data";
import { Sampler } from "hiddenstate/decode";
import { perplexity, unigramPerplexity } from "hiddenstate/metrics";
import { Vocabulary } from "hiddenstate/text";

const SIZE = 48;

manualSeed(12);
const pick = (list) => list[Math.floor(rand([1]).data()[0] ** 2 * list.length)]; // the first more often
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

/** The next state and the log-probabilities of each word after `word`. */
const next = (word, state) => {
  const { logits, state: after } = model.forward(
    tensor([[vocabulary.id(word)]], { dtype: "int32" }),
    state,
  );
  return { state: after, logits: logSoftmax(logits, -1).data() };
};

/** One sentence, each word chosen by `choose`. */
function write(choose) {
  const text = ["."];
  let [state, score] = [undefined, 0];
  do {
    const step = next(text.at(-1), state);
    const id = choose(step.logits);
    score += step.logits[id];
    state = step.state;
    text.push(vocabulary.token(id));
  } while (text.at(-1) !== "." && text.length < 20);
  return { text: text.slice(1), score };
}

/** The `width` best beginnings are kept at each step, until the best of all has ended. */
function beamSearch(width) {
  let beams = [{ text: ["."], score: 0, state: undefined, ended: false }];
  while (!beams[0].ended)
    beams = beams
      .flatMap((beam) => {
        if (beam.ended) return [beam];
        const { state, logits } = next(beam.text.at(-1), beam.state);
        return Array.from(logits, (logit, id) => {
          const word = vocabulary.token(id);
          return {
            text: [...beam.text, word],
            score: beam.score + logit,
            state,
            ended: word === ".",
          };
        });
      })
      .sort((a, b) => b.score - a.score)
      .slice(0, width);
  return { text: beams[0].text.slice(1), score: beams[0].score };
}

scope(() =>
  noGrad(() => {
    const say = (how, { text, score }) =>
      console.log(`${how.padEnd(9)} ${score.toFixed(2)}  ${text.join(" ")}`);
    const greedy = write((logits) => argmax(tensor(logits), 0).item());
    const sampler = new Sampler({ temperature: 0.8, seed: 3 });
    const beam = beamSearch(5);
    say("greedy", greedy);
    say(
      "sampled",
      write((logits) => sampler.sample(logits)),
    );
    say("beam of 5", beam);
    if (beam.score < greedy.score) throw new Error("The beam found less than the greedy way.");
  }),
);
if (perplexity(heldLoss) > unigram / 3) throw new Error("The model did not learn the language.");
