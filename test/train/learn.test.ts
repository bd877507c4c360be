// Small tasks that a right implementation learns in so many steps: gradients, optimizers and carried
// states together.
import { expect, test } from "vitest";
import {
  Adam,
  crossEntropy,
  Embedding,
  Linear,
  LSTM,
  manualSeed,
  Module,
  mseLoss,
  noGrad,
  scope,
  tensor,
} from "../../src/index.js";
import { StreamWindows, type StreamWindow } from "../../src/data/index.js";
import { LanguageModel } from "../../src/models/index.js";
import { CharTokenizer } from "../../src/text/index.js";
import { fit } from "../../src/train/index.js";
import { testRandom } from "../helpers/random.js";

test("copy: three of four symbols are repeated after a gap of five steps", async () => {
  const [word, gap, batch] = [3, 5, 32];
  const time = word + gap + word;
  const random = testRandom(1);
  // Symbols 1 to 4, then 0 until the mark 5; from there on the symbols are due.
  const draw = () => {
    const input = new Int32Array(batch * time);
    const target = new Int32Array(batch * time).fill(-100);
    for (let row = 0; row < batch; row++) {
      const start = row * time;
      input[start + word + gap] = 5;
      for (let i = 0; i < word; i++)
        target[start + word + gap + i] = input[start + i] = random.integer(1, 4);
    }
    return { input, target };
  };

  manualSeed(1);
  class Copier extends Module {
    readonly embedding = new Embedding(6, 8);
    readonly lstm = new LSTM(8, 48);
    readonly head = new Linear(48, 5);

    loss(input: Int32Array, target: Int32Array) {
      const ids = tensor(input, { shape: [batch, time] });
      const { output } = this.lstm.forward(this.embedding.forward(ids));
      const logits = this.head.forward(output);
      return crossEntropy(logits, tensor(target, { shape: [batch, time] }));
    }
  }
  const model = new Copier();
  await fit({
    model,
    optimizer: new Adam(model.parameters(), { lr: 0.01 }),
    maxNorm: 1,
    batches: Array.from({ length: 400 }, draw),
    epochs: 1,
    step: ({ input, target }) => model.loss(input, target),
  });
  const { input, target } = draw();
  const loss = scope(() => noGrad(() => model.loss(input, target).item()));
  // Guessing costs ln 4 = 1.386.
  expect(loss).toBeLessThan(0.1);
});

test("adding: the sum of the two marked numbers of a sequence of twenty", async () => {
  const [batch, time] = [32, 20];
  const random = testRandom(2);
  const draw = () => {
    const x = new Float32Array(batch * time * 2);
    const sums = new Float32Array(batch);
    for (let row = 0; row < batch; row++) {
      const marks = [random.integer(0, time / 2 - 1), random.integer(time / 2, time - 1)];
      for (let t = 0; t < time; t++) {
        const at = (row * time + t) * 2;
        x[at] = random.uniform(0, 1);
        if (!marks.includes(t)) continue;
        x[at + 1] = 1;
        sums[row]! += x[at];
      }
    }
    return { x, sums };
  };

  manualSeed(2);
  class Adder extends Module {
    readonly lstm = new LSTM(2, 24);
    readonly head = new Linear(24, 1);

    loss(x: Float32Array, sums: Float32Array) {
      const { state } = this.lstm.forward(tensor(x, { shape: [batch, time, 2] }));
      return mseLoss(
        this.head.forward(state.h.reshape([batch, 24])),
        tensor(sums, { shape: [batch, 1] }),
      );
    }
  }
  const model = new Adder();
  await fit({
    model,
    optimizer: new Adam(model.parameters(), { lr: 0.01 }),
    maxNorm: 1,
    batches: Array.from({ length: 500 }, draw),
    epochs: 1,
    step: ({ x, sums }) => model.loss(x, sums),
  });
  const { x, sums } = draw();
  const error = scope(() => noGrad(() => model.loss(x, sums).item()));
  // Always answering 1 costs 1/6.
  expect(error).toBeLessThan(0.01);
});

test("characters: a text with long and short rules is learnt to near its entropy", async () => {
  // Sentences of a grammar with one free choice of three words each, so ln 3 nats a sentence.
  const random = testRandom(3);
  const nouns = ["whale", "ship", "sea"];
  const sentence = () => {
    const noun = nouns[random.integer(0, 2)]!;
    return `the ${noun} saw the ${noun}. `;
  };
  const text = Array.from({ length: 900 }, sentence).join("");
  const tokenizer = CharTokenizer.build(text);
  const entropy = (Math.log(3) * 900) / text.length;

  manualSeed(3);
  const model = new LanguageModel(tokenizer, { embeddingSize: 12, hiddenSize: 48 });
  const carry = model.carry(8);
  await fit({
    model,
    optimizer: new Adam(model.parameters(), { lr: 0.01 }),
    maxNorm: 1,
    batches: new StreamWindows(tokenizer.encode(text), { batch: 8, time: 24 }),
    steps: 300,
    step({ index, input, target, shape }: StreamWindow) {
      if (index === 0) carry.reset();
      return model.loss(tensor(input, { shape }), tensor(target, { shape }), carry);
    },
  });
  // The second noun is decided by the first, twelve characters and a window's edge before.
  const { loss } = (await model.evaluate(Array.from({ length: 200 }, sentence).join(""))).scores;
  expect(loss).toBeLessThan(entropy * 1.25);
  const written = [...model.generate("the whale saw the ", { length: 6, temperature: 0 })];
  expect(written.join("")).toBe("whale.");
});
