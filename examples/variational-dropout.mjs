// Overfitting, and what helps against it: a character model of a text so short that it can be learnt by heart. Without
// dropout the held-out part gets worse while the training part gets better; with masks that stay the same over a
// sequence, on the way up and on the way through time (Gal & Ghahramani 2016), and weight decay, less so.
import {
  AdamW,
  clipGradNorm,
  crossEntropy,
  Dropout,
  Embedding,
  Linear,
  LSTM,
  manualSeed,
  Module,
  noGrad,
  scope,
  tensor,
} from "hiddenstate";
import { StreamWindows } from "hiddenstate/data";
import { perplexity } from "hiddenstate/metrics";
import { CharTokenizer } from "hiddenstate/text";

// The fox and the grapes, after Aesop, in this library's own words.
const text = `
a hungry fox saw some fine bunches of grapes that hung from a vine along a high wall. he took a run and a jump, and just
missed. he walked away, turned round, ran and jumped again, and missed again. again and again he tried to get at the tempting
fruit, but at last he had to give it up, for he was tired and hot. he walked away with his nose in the air and said: i am
sure that those grapes are sour. it is easy to despise what you cannot have. a crow who had watched him from a branch laughed
and said: my friend, yesterday you told me that there is nothing under the sun as sweet as a grape. the fox did not turn
round. he went down to the river, drank of the cold water, looked at the fox that looked at him out of the water, and said:
you would have jumped higher. the fox in the river said the same to him at the same time, and so neither of them was offended.
in the evening the farmer came with a ladder, cut the bunches from the vine, and put them in a basket. he ate one grape and
pulled a face. they had hung too long in the shade of the wall, and they were sour.
`.replace(/\s+/g, " ");
const letters = CharTokenizer.build(text);
const ids = letters.encode(text);
const split = Math.floor(ids.length * 0.8);

class Model extends Module {
  constructor(dropout) {
    super();
    const options =
      dropout > 0 ? { dropout, variationalDropout: true, recurrentDropout: dropout / 2 } : {};
    this.embedding = new Embedding(letters.size, 32);
    this.lstm = new LSTM(32, 96, { numLayers: 2, ...options });
    this.dropout = new Dropout(dropout);
    this.head = new Linear(96, letters.size);
  }

  forward(input) {
    const { output } = this.lstm.forward(this.embedding.forward(input));
    return this.head.forward(this.dropout.forward(output));
  }
}

/** Perplexities after training: of the text it saw, and of what follows. */
function train(name, { dropout, weightDecay }) {
  manualSeed(1);
  const model = new Model(dropout);
  const optimizer = new AdamW(model.parameters(), { lr: 5e-3, weightDecay });
  const windows = new StreamWindows(ids.subarray(0, split), { batch: 8, time: 40 });
  for (let epoch = 1; epoch <= 60; epoch++) {
    let last;
    for (const { input, target, shape } of windows)
      last = scope(() => {
        const loss = crossEntropy(
          model.forward(tensor(input, { shape })),
          tensor(target, { shape }),
        );
        optimizer.zeroGrad();
        loss.backward();
        clipGradNorm(model.parameters(), 1);
        optimizer.step();
        return loss.item();
      });
    if (epoch % 10 === 0) console.log(`${name}: epoch ${epoch}  loss ${last.toFixed(3)}`);
  }
  model.eval();
  const score = (part) =>
    scope(() =>
      noGrad(() => {
        const { input, target, shape } = new StreamWindows(part, {
          batch: 1,
          time: part.length,
        }).at(0);
        const logits = model.forward(tensor(input, { shape }));
        return perplexity(crossEntropy(logits, tensor(target, { shape })).item());
      }),
    );
  return { seen: score(ids.subarray(0, split)), heldOut: score(ids.subarray(split)) };
}

const [without, against] = ["nothing against it", "variational dropout"];
const plain = train(without, { dropout: 0, weightDecay: 0 });
const held = train(against, { dropout: 0.4, weightDecay: 0.05 });
const show = (name, { seen, heldOut }) =>
  console.log(
    `${name.padEnd(20)} seen ${seen.toFixed(2).padStart(6)}   held out ${heldOut.toFixed(2).padStart(7)}`,
  );
show(without, plain);
show(against, held);
if (!(held.heldOut < plain.heldOut / 2)) throw new Error("Dropout did not help.");
