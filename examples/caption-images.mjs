// Captions for images (Xu et al. 2015): a small convolutional network looks, a GRU says what it sees, word by word, and looks at
// the part of the image that it speaks of. Beam search writes. The images are made: one or two shapes, somewhere.
import {
  Adam,
  crossEntropy,
  Embedding,
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
import { beamSearch, checkSelect, checkStep } from "hiddenstate/decode";
import { Conv2d, maxPool2d, RecurrentDecoder } from "hiddenstate/nn";
import { Vocabulary } from "hiddenstate/text";

const [SIZE, HIDDEN, BATCH] = [16, 64, 32];
/** The image is looked at in 4 × 4 parts, of so many features each. */
const [PARTS, FEATURES] = [16, 16];
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
const vocabulary = Vocabulary.build(
  ["<end>"].concat(Array.from({ length: 200 }, () => example().words).flat()),
);
// It ends a caption, and is what is read before the first word.
const END = vocabulary.id("<end>");

class Captioner extends Module {
  first = new Conv2d(1, 8, 3, { padding: 1 });
  second = new Conv2d(8, FEATURES, 3, { padding: 1 });
  look = new Linear(PARTS * FEATURES, HIDDEN);
  words = new Embedding(vocabulary.size, 24);
  speak = new RecurrentDecoder(24, HIDDEN, { cell: "gru", memorySize: FEATURES });
  head = new Linear(this.speak.outputSize, vocabulary.size);

  /** images `[batch, 1, 16, 16]` → what the decoder begins with, and looks at */
  see(images) {
    const half = maxPool2d(relu(this.first.forward(images)), 2);
    const quarter = maxPool2d(relu(this.second.forward(half)), 2);
    const [batch] = images.shape;
    const parts = quarter.reshape([batch, FEATURES, PARTS]).permute([0, 2, 1]);
    const all = this.look.forward(parts.reshape([batch, PARTS * FEATURES]));
    return {
      memory: this.speak.memory(parts),
      state: { h: all.reshape([1, batch, HIDDEN]) },
    };
  }

  /** ids `[batch, time]` → logits of what follows each */
  say(ids, seen) {
    return this.head.forward(this.speak.forward(this.words.forward(ids), seen).output);
  }
}

/** What a search needs: a step for all open captions, and which of them go on. */
class Speaker {
  classes = vocabulary.size;
  #model;
  #stream;

  constructor(model, seen, options) {
    this.#model = model;
    this.#stream = model.speak.stream({ ...seen, ...options });
    this.capacity = options.capacity;
  }

  get rows() {
    return this.#stream.rows;
  }

  step(ids, logits) {
    checkStep("Speaker", this, ids, logits);
    const { words, head } = this.#model;
    scope(() =>
      noGrad(() => {
        const output = this.#stream.push(words.forward(tensor(ids)).data());
        if (!logits) return;
        const shape = [ids.length, output.length / ids.length];
        head.forward(tensor(output, { shape })).data(logits);
      }),
    );
  }

  select(rows) {
    checkSelect("Speaker", this, rows);
    this.#stream.select(rows);
  }

  dispose() {
    this.#stream.dispose();
  }
}

const pixels = (batch) => {
  const data = new Float32Array(batch.length * SIZE * SIZE);
  batch.forEach(({ image }, row) => data.set(image, row * SIZE * SIZE));
  return tensor(data, { shape: [batch.length, 1, SIZE, SIZE] });
};
const encode = (rows, padding) => {
  const { ids, shape } = padSequences(rows, { padding });
  return tensor(ids, { shape });
};

const model = new Captioner();
const optimizer = new Adam(model.parameters(), { lr: 5e-3 });
for (let step = 1; step <= 400; step++)
  scope(() => {
    const batch = Array.from({ length: BATCH }, example);
    const captions = batch.map(({ words }) => [...vocabulary.encode(words)]);
    const given = encode(
      captions.map((ids) => [END, ...ids]),
      END,
    );
    const logits = model.say(given, model.see(pixels(batch)));
    const loss = crossEntropy(
      logits,
      encode(
        captions.map((ids) => [...ids, END]),
        -100,
      ),
    );
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    if (step % 20 === 0) console.log(`step ${step}  loss ${loss.item().toFixed(4)}`);
  });

const BEAMS = 3;
const tests = Array.from({ length: 100 }, example);
const captions = scope(() => {
  const seen = noGrad(() => model.eval().see(pixels(tests)));
  const speaker = new Speaker(model, seen, { capacity: BEAMS * tests.length });
  const found = beamSearch(speaker, {
    ...{ beams: BEAMS, prompt: END, endToken: END, maxLength: 12 },
  });
  speaker.dispose();
  return found.map(([{ ids }]) => vocabulary.decode(ids.filter((id) => id !== END)).join(" "));
});
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
