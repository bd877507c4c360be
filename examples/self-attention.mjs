// A small Transformer (Vaswani et al. 2017) sorts: every position looks at all others at once, so that it can count how many
// numbers are smaller than its own. A bidirectional LSTM, which has to carry them all along, learns it more slowly.
import {
  Adam,
  argmax,
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
import { SinusoidalPositions, TransformerEncoder, TransformerEncoderLayer } from "hiddenstate/nn";

const [NUMBERS, LENGTH, SIZE, BATCH, STEPS] = [16, 8, 32, 64, 250];

class Transformer extends Module {
  embedding = new Embedding(NUMBERS, SIZE);
  positions = new SinusoidalPositions(LENGTH, SIZE);
  encoder = new TransformerEncoder(
    new TransformerEncoderLayer(SIZE, 4, { dimFeedforward: 2 * SIZE, dropout: 0 }),
    2,
  );
  head = new Linear(SIZE, NUMBERS);

  forward(ids) {
    const x = this.positions.forward(this.embedding.forward(ids));
    return this.head.forward(this.encoder.forward(x));
  }
}

class Recurrent extends Module {
  embedding = new Embedding(NUMBERS, SIZE);
  lstm = new LSTM(SIZE, SIZE, { bidirectional: true, numLayers: 2 });
  head = new Linear(2 * SIZE, NUMBERS);

  forward(ids) {
    return this.head.forward(this.lstm.forward(this.embedding.forward(ids)).output);
  }
}

function task() {
  const rows = rand([BATCH, LENGTH])
    .toArray()
    .map((row) => row.map((u) => Math.floor(u * NUMBERS)));
  const sorted = rows.map((row) => row.toSorted((a, b) => a - b));
  return [rows, sorted].map((ids) => tensor(ids, { dtype: "int32" }));
}

/** The share of places that hold the right number after training. */
function accuracy(name, make) {
  manualSeed(1);
  const model = make();
  const optimizer = new Adam(model.parameters(), { lr: 3e-3 });
  for (let step = 1; step <= STEPS; step++)
    scope(() => {
      const [input, target] = task();
      const loss = crossEntropy(model.forward(input), target);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      if (step % 25 === 0) console.log(`${name} step ${step}  loss ${loss.item().toFixed(3)}`);
    });
  return scope(() => {
    const [input, target] = task();
    const said = noGrad(() => argmax(model.eval().forward(input), -1)).data();
    return target.data().filter((id, i) => id === said[i]).length / said.length;
  });
}

const transformer = accuracy("transformer", () => new Transformer());
const lstm = accuracy("lstm       ", () => new Recurrent());
console.log(
  `transformer ${(100 * transformer).toFixed(1)} %, LSTM ${(100 * lstm).toFixed(1)} % of the places right`,
);
if (transformer < 0.9) throw new Error("It did not learn to sort.");
