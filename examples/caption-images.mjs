// Captions for images (Vinyals et al. 2015): a small convolutional network looks, an LSTM says what it sees, word by word. The
// images are made: one or two shapes, somewhere.
import {
  Adam,
  argmax,
  crossEntropy,
  Embedding,
  GRU,
  Linear,
  manualSeed,
  Module,
  noGrad,
  rand,
  relu,
  scope,
  tensor,
} from "hiddenstate";
import { padSequences } from "hiddenstate/data";
import { Conv2d, maxPool2d } from "hiddenstate/nn";
import { Vocabulary } from "hiddenstate/text";

const [SIZE, HIDDEN, BATCH] = [16, 64, 32];
const shapes = {
  square: ["#####", "#...#", "#...#", "#...#", "#####"],
  cross: ["..#..", "..#..", "#####", "..#..", "..#.."],
  dot: [".....", ".###.", ".###.", ".###.", "....."],
  slash: ["....#", "...#.", "..#..", ".#...", "#...."],
};
const names = Object.keys(shapes);

manualSeed(14);
const pick = (n) => Math.floor(scope(() => rand([1]).item()) * n);
/** An image as numbers, and its caption, left to right. */
function example() {
  const image = rand([SIZE * SIZE])
    .mul(0.2)
    .data();
  const draw = (left) => {
    const name = names[pick(names.length)];
    const [x, y] = [(left ? 0 : 8) + pick(4), pick(12)];
    shapes[name].forEach((row, dy) =>
      [...row].forEach((cell, dx) => cell === "#" && (image[(y + dy) * SIZE + x + dx] += 0.8)),
    );
    return { name, where: y < 4 ? "high" : y > 7 ? "low" : "halfway" };
  };
  if (pick(3) === 0) {
    const left = pick(2) === 0;
    const { name, where } = draw(left);
    return { image, words: `a ${name} ${where} on the ${left ? "left" : "right"}`.split(" ") };
  }
  const [one, other] = [draw(true), draw(false)];
  return {
    image,
    words: `a ${one.name} ${one.where} and a ${other.name} ${other.where}`.split(" "),
  };
}
const sizes = Array.from({ length: 200 }, () => example().words);
const vocabulary = Vocabulary.build(["<begin>", "<end>", ...sizes.flat()]);

class Captioner extends Module {
  first = new Conv2d(1, 8, 3, { padding: 1 });
  second = new Conv2d(8, 16, 3, { padding: 1 });
  look = new Linear(16 * 4 * 4, HIDDEN);
  words = new Embedding(vocabulary.size, 24);
  speak = new GRU(24, HIDDEN);
  head = new Linear(HIDDEN, vocabulary.size);

  /** images `[batch, 1, 16, 16]` → the state in which the decoder begins */
  see(images) {
    const half = maxPool2d(relu(this.first.forward(images)), 2);
    const quarter = maxPool2d(relu(this.second.forward(half)), 2);
    const batch = images.shape[0];
    return { h: this.look.forward(quarter.reshape([batch, 256])).reshape([1, batch, HIDDEN]) };
  }

  say(ids, state) {
    const next = this.speak.forward(this.words.forward(ids), { state });
    return { logits: this.head.forward(next.output), state: next.state };
  }
}
const pixels = (batch) => {
  const data = new Float32Array(batch.length * SIZE * SIZE);
  batch.forEach(({ image }, row) => data.set(image, row * SIZE * SIZE));
  return tensor(data, { shape: [batch.length, 1, SIZE, SIZE] });
};
const encode = (rows, padding) => {
  const { ids, shape } = padSequences(
    rows.map((words) => vocabulary.encode(words)),
    { padding },
  );
  return tensor(ids, { shape });
};

const model = new Captioner();
const optimizer = new Adam(model.parameters(), { lr: 5e-3 });
for (let step = 1; step <= 300; step++)
  scope(() => {
    const batch = Array.from({ length: BATCH }, example);
    const given = encode(
      batch.map(({ words }) => ["<begin>", ...words]),
      0,
    );
    const { logits } = model.say(given, model.see(pixels(batch)));
    const loss = crossEntropy(
      logits,
      encode(
        batch.map(({ words }) => [...words, "<end>"]),
        -100,
      ),
    );
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    if (step % 20 === 0) console.log(`step ${step}  loss ${loss.item().toFixed(4)}`);
  });

const tests = Array.from({ length: 100 }, example);
const captions = scope(() =>
  noGrad(() => {
    let state = model.eval().see(pixels(tests));
    let last = encode(
      tests.map(() => ["<begin>"]),
      0,
    );
    const rows = tests.map(() => []);
    for (let t = 0; t < 10; t++) {
      const step = model.say(last, state);
      state = step.state;
      last = argmax(step.logits, -1);
      last.data().forEach((id, row) => rows[row].push(vocabulary.token(id)));
    }
    return rows.map((words) => words.slice(0, words.indexOf("<end>")).join(" "));
  }),
);
const { image } = tests[0];
for (let y = 0; y < SIZE; y++)
  console.log(
    Array.from(image.subarray(y * SIZE, (y + 1) * SIZE), (value) =>
      value > 0.5 ? "##" : "  ",
    ).join(""),
  );
console.log(captions[0]);
const right = tests.filter(({ words }, i) => words.join(" ") === captions[i]).length;
console.log(`${right} of ${tests.length} new images described without a mistake`);
if (right < 85) throw new Error("It did not learn to describe.");
