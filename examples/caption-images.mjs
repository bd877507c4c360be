// Captions for images (Xu et al. 2015): convolutions look, an LSTM says what they see, word by word, and looks at the part of the
// image that it speaks of. Beam search writes. The images are made: one or two shapes, somewhere.
import { writeFileSync } from "node:fs";
import { manualSeed, rand, scope } from "hiddenstate";
import { captionFigure, htmlPage } from "hiddenstate/inspect";
import { Captioner } from "hiddenstate/models";

const SIZE = 16;
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
  const data = scope(() =>
    rand([SIZE * SIZE])
      .mul(0.2)
      .data(),
  );
  const draw = (left) => {
    const name = names[pick(names.length)];
    const [x, y] = [(left ? 0 : 8) + pick(4), pick(12)];
    shapes[name].forEach((row, dy) =>
      [...row].forEach((cell, dx) => cell === "#" && (data[(y + dy) * SIZE + x + dx] += 0.8)),
    );
    return { name, where: y < 4 ? "high" : y > 7 ? "low" : "halfway" };
  };
  const image = { data, width: SIZE, height: SIZE };
  if (pick(3) === 0) {
    const left = pick(2) === 0;
    const { name, where } = draw(left);
    return { image, text: `a ${name} ${where} on the ${left ? "left" : "right"}` };
  }
  const [one, other] = [draw(true), draw(false)];
  return { image, text: `a ${one.name} ${one.where} and a ${other.name} ${other.where}` };
}

const train = Array.from({ length: 1600 }, example);
const tests = Array.from({ length: 100 }, example);
const model = Captioner.build(train, {
  channels: [8, 16],
  hiddenSize: 64,
  embeddingSize: 24,
  dropout: 0.1,
});
await model.fit(train, {
  ...{ epochs: 8, batchSize: 32, learningRate: 5e-3 },
  onEvaluation: ({ epoch, trainLoss }) =>
    console.log(`epoch ${epoch + 1}  loss ${trainLoss.toFixed(4)}`),
});

const captions = model.predictBatch(
  tests.map(({ image }) => image),
  { beams: 3, attention: true },
);
const [{ image }] = tests;
for (let y = 0; y < SIZE; y++)
  console.log(
    Array.from(image.data.subarray(y * SIZE, (y + 1) * SIZE), (value) =>
      value > 0.5 ? "##" : "  ",
    ).join(""),
  );
const { text, attention } = captions[0];
const figure = captionFigure(attention, { title: text });
console.log(text);
writeFileSync("captions.html", htmlPage("Where it looked", [{ figure }]));
const right = tests.filter(({ text }, i) => text === captions[i].text).length;
console.log(`${right} of ${tests.length} new images described without a mistake`);
if (right < 85) throw new Error("It did not learn to describe.");
