// A model of music of one's own, of parts: pieces as events (NoteEvents), a language model's layers over them, and what may not follow
// ruled out, so that the probabilities of a step are exact. Two voices in canon are learnt; it writes a MIDI file and a piano roll.
import { writeFileSync } from "node:fs";
import {
  AdamW,
  crossEntropy,
  Embedding,
  Linear,
  LSTM,
  manualSeed,
  Module,
  scope,
  tensor,
} from "hiddenstate";
import { pianoRoll } from "hiddenstate/inspect";
import { NoteEvents, writeMidi } from "hiddenstate/music";

const LINE = [0, 4, 7, 12, 11, 7, 5, 2];
/** The second voice follows the first four steps later, an octave below. */
const canon = (key) =>
  Array.from({ length: 33 }, (_, t) => [
    ...(t >= 4 ? [key - 12 + LINE[(t - 4) % 8]] : []),
    key + LINE[t % 8],
  ]);
const events = new NoteEvents({ lowest: 40, highest: 84 });
const pieces = Array.from({ length: 10 }, (_, i) => events.encode(canon(57 + i)));

class Composer extends Module {
  embedding = new Embedding(events.size, 24);
  lstm = new LSTM(24, 64);
  head = new Linear(64, events.size);
  forward(ids, state) {
    const { output, state: end } = this.lstm.forward(
      this.embedding.forward(ids),
      state && { state },
    );
    return { logits: this.head.forward(output), state: end };
  }
}

/** -Infinity for each event that may not follow: within a step notes rise. */
function mask(ids) {
  const values = new Float32Array(ids.length * events.size);
  ids.forEach((id, i) => {
    if (id > 0) values.fill(-Infinity, i * events.size + 1, i * events.size + id + 1);
  });
  return tensor(values, { shape: [1, ids.length, events.size] });
}

manualSeed(1);
const model = new Composer();
const optimizer = new AdamW(model.parameters(), { lr: 0.01 });
let last = Infinity;
for (let epoch = 0; epoch < 25; epoch++) {
  let [sum, steps] = [0, 0];
  for (const ids of pieces) {
    const input = Int32Array.of(0, ...ids.subarray(0, -1));
    scope(() => {
      const { logits } = model.forward(tensor(input, { shape: [1, input.length] }));
      const target = tensor(ids, { shape: [1, ids.length] });
      const loss = crossEntropy(logits.add(mask(input)), target);
      loss.backward();
      sum += loss.item() * ids.length;
      steps += 33;
    });
    optimizer.step();
    optimizer.zeroGrad();
  }
  last = sum / steps;
  if (epoch % 5 === 4) console.log(`epoch ${epoch + 1}  ${last.toFixed(3)} nats a step`);
}

// Goes on with the first two bars of one, each time by the likeliest event.
const written = [...events.encode(canon(60).slice(0, 16))];
let open = 17;
while (open > 0) {
  const next = scope(() => {
    const input = Int32Array.of(0, ...written);
    const { logits } = model.forward(tensor(input, { shape: [1, input.length] }));
    const row = logits.add(mask(input)).data().subarray(-events.size);
    return row.indexOf(Math.max(...row));
  });
  written.push(next);
  if (next === 0) open--;
}
const piece = events.decode(written);
writeFileSync("canon.mid", writeMidi(piece, { stepsPerBeat: 2 }));
writeFileSync("canon.svg", pianoRoll(piece, { title: "A canon", mark: 16 }));
const right = piece.steps.filter((step, t) => String(step) === String(canon(60)[t])).length;
console.log(`${right} of ${piece.steps.length} steps are those of the canon: canon.mid, canon.svg`);
if (last > 1 || right < 30) throw new Error("It did not learn the canon.");
