// Slot filling and intent detection at once (Liu & Lane 2016): a bidirectional LSTM over the words of a request names the
// part that each word plays, and its last states say what is wanted.
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
import { padSequences } from "hiddenstate/data";
import { Vocabulary } from "hiddenstate/text";

manualSeed(8);
const pick = (list) => list[Math.floor(rand([1]).data()[0] * list.length)];
const cities = ["boston", "denver", "new york", "san jose", "oslo", "lima"];
const days = ["monday", "friday", "next week", "tomorrow"];
// What stands in braces is a slot: {name:values}.
const requests = {
  flight: [
    "show flights from {from:city} to {to:city}",
    "i want to fly to {to:city} {when:day} from {from:city}",
    "{when:day} i must be in {to:city} find a flight",
  ],
  fare: [
    "how much is it from {from:city} to {to:city}",
    "cheapest ticket to {to:city} {when:day} please",
  ],
  time: [
    "when does the flight to {to:city} leave {from:city}",
    "departures from {from:city} {when:day}",
  ],
};
const INTENTS = Object.keys(requests);
const SLOTS = ["O", ...["from", "to", "when"].flatMap((slot) => [`B-${slot}`, `I-${slot}`])];

function request() {
  const intent = pick(INTENTS);
  const tokens = pick(requests[intent])
    .match(/\{.+?\}|\S+/g)
    .flatMap((part) => {
      const [, slot, kind] = part.match(/\{(.+):(.+)\}/) ?? [];
      if (!slot) return [[part, "O"]];
      const words = pick(kind === "city" ? cities : days).split(" ");
      return words.map((word, i) => [word, `${i === 0 ? "B" : "I"}-${slot}`]);
    });
  return { intent, words: tokens.map(([word]) => word), slots: tokens.map(([, slot]) => slot) };
}
const data = Array.from({ length: 500 }, request);
const [training, held] = [data.slice(0, 400), data.slice(400)];
const vocabulary = Vocabulary.build(
  training.flatMap(({ words }) => words),
  { unknown: "<unk>" },
);

class Understanding extends Module {
  embedding = new Embedding(vocabulary.size, 24);
  lstm = new LSTM(24, 24, { bidirectional: true });
  slots = new Linear(48, SLOTS.length);
  intent = new Linear(48, INTENTS.length);

  forward(sentences) {
    const { ids, lengths, shape } = padSequences(
      sentences.map((words) => vocabulary.encode(words)),
    );
    const embedded = this.embedding.forward(tensor(ids, { shape }));
    const { output, state } = this.lstm.forward(embedded, { lengths });
    const both = state.h.permute([1, 0, 2]).reshape([sentences.length, 48]);
    return { slots: this.slots.forward(output), intent: this.intent.forward(both) };
  }
}

const model = new Understanding();
const optimizer = new Adam(model.parameters(), { lr: 0.01 });
/** Slots as ids, -100 (what losses ignore) past the end of a request. */
function slotTargets(batch) {
  const { ids, shape } = padSequences(
    batch.map(({ slots }) => slots.map((slot) => SLOTS.indexOf(slot))),
    { padding: -100 },
  );
  return tensor(ids, { shape });
}
for (let step = 0; step < 100; step++)
  scope(() => {
    const start = (step * 40) % training.length;
    const batch = training.slice(start, start + 40);
    const { slots, intent } = model.forward(batch.map(({ words }) => words));
    const wanted = Int32Array.from(batch, (one) => INTENTS.indexOf(one.intent));
    const loss = crossEntropy(slots, slotTargets(batch)).add(crossEntropy(intent, tensor(wanted)));
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    if (step % 25 === 24) console.log(`step ${step + 1}  loss ${loss.item().toFixed(3)}`);
  });

const said = scope(() =>
  noGrad(() => {
    const { slots, intent } = model.eval().forward(held.map(({ words }) => words));
    return { slots: argmax(slots, -1).toArray(), intents: argmax(intent, -1).data() };
  }),
);
const understood = held.filter(
  ({ intent, slots }, i) =>
    INTENTS[said.intents[i]] === intent &&
    slots.every((slot, t) => SLOTS[said.slots[i][t]] === slot),
).length;
const { words } = held[0];
console.log(
  `${INTENTS[said.intents[0]]}: ${words.map((word, t) => `${word}/${SLOTS[said.slots[0][t]]}`).join(" ")}`,
);
console.log(`${understood} of ${held.length} new requests understood in every part`);
if (understood < 90) throw new Error("It did not learn to understand.");
