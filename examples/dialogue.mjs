// A dialogue (Vinyals & Le 2015): a reply is what becomes of the turns before it. What somebody is called was said two turns
// ago, so that the last turn alone does not tell: a model that reads the turns before it too knows.
import { manualSeed, rand, scope } from "hiddenstate";
import { distinctN } from "hiddenstate/metrics";
import { Seq2Seq } from "hiddenstate/models";

manualSeed(7);
const pick = (list) => list[Math.floor(scope(() => rand([1]).item()) * list.length)];
const names = "ada ben cleo dan eve fay gus hal ida joe".split(" ");

/** Four turns: the last is the reply that is learnt. */
function dialogue() {
  const name = pick(names);
  const said = pick([`i am ${name}`, `hello , my name is ${name}`, `${name} is here`]);
  const [asked, answer] = pick([
    ["who am i", `you are ${name}`],
    ["do you remember me", `yes , you are ${name}`],
    ["thank you", `goodbye ${name}`],
  ]);
  return [said, "what can i do for you", asked, answer];
}

const SEPARATOR = " <sep> ";
/** The last reply of a dialogue, with as many turns before it as are read. */
const replyOf = (turns, history) => ({
  source: turns.slice(-1 - history, -1).join(SEPARATOR),
  target: turns.at(-1),
});
const [learnt, held] = [1200, 100].map((count) => Array.from({ length: count }, dialogue));

const HISTORY = 3;
const pairs = learnt.map((turns) => replyOf(turns, HISTORY));
const model = Seq2Seq.build(pairs, {
  ...{ source: "words", target: "words", split: "whitespace", vocabulary: "joint" },
  ...{ embeddingSize: 64, hiddenSize: 64, dropout: 0 },
  ...{ attention: "dot", placement: "output" },
});
await model.fit(pairs, {
  ...{ steps: 300, batchSize: 32, learningRate: 0.01, labelSmoothing: 0 },
  onStep({ step, loss }) {
    if (step % 50 === 0) console.log(`step ${step}  loss ${loss.toFixed(4)}`);
  },
});

/** The share of questions that are answered right by so many turns. */
async function rightBy(history) {
  const { scores } = await model.evaluate(held.map((turns) => replyOf(turns, history)));
  return scores.exactMatch;
}
const [alone, right] = [await rightBy(1), await rightBy(HISTORY)];
const percent = (share) => `${(100 * share).toFixed(0)} %`;
console.log(`answers right: ${percent(alone)} by the last turn, ${percent(right)} by three`);

const talk = ["hello , my name is ida", "what can i do for you", "do you remember me"];
console.log([...talk, model.predict(talk.join(SEPARATOR)).text].join("\n"));
const answers = held.map((turns) => model.predict(replyOf(turns, HISTORY).source).text);
console.log(`distinct pairs of words among all: ${percent(distinctN(answers, 2))}`);
if (right < 0.9 || alone > 0.3) throw new Error("It did not learn to remember.");
