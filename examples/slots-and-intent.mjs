// Slot filling and intent detection at once (Liu & Lane 2016): a tagger says of each word of a request what part it plays, and
// of the whole what is wanted.
import { manualSeed, rand, scope } from "hiddenstate";
import { SequenceTagger } from "hiddenstate/models";

manualSeed(8);
const pick = (list) => list[Math.floor(scope(() => rand([1]).item()) * list.length)];
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
  return { intent, words: tokens.map(([word]) => word), tags: tokens.map(([, slot]) => slot) };
}
const data = Array.from({ length: 500 }, request);
const [training, held] = [data.slice(0, 400), data.slice(400)];

const tagger = SequenceTagger.build(training, {
  scheme: "IOB2",
  embeddingSize: 24,
  characters: "none",
  hiddenSize: 24,
  dropout: 0.2,
});
await tagger.fit(training, {
  epochs: 8,
  learningRate: 0.02,
  validation: held,
  onEvaluation: ({ epoch, trainLoss, validation }) =>
    console.log(
      `epoch ${epoch + 1}  loss ${trainLoss.toFixed(3)}  slots F1 ${validation.f1.toFixed(3)}  intents ${validation.intent.toFixed(3)}`,
    ),
});

const { words, tags, intent, spans } = tagger.predict("from new york to lima please");
console.log(`${intent}: ${words.map((word, t) => `${word}/${tags[t]}`).join(" ")}`);
for (const { type, start, end } of spans) console.log(type, "=", words.slice(start, end).join(" "));
const { sentenceAccuracy } = (await tagger.evaluate(held)).scores;
console.log(`${(100 * sentenceAccuracy).toFixed(0)} % of new requests understood in every part`);
if (sentenceAccuracy < 0.9) throw new Error("It did not learn to understand.");
