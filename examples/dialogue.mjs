// A dialogue (Vinyals & Le 2015): a reply is what becomes of the turns before it. What somebody is called was said two turns
// ago, so that a model that reads the last turn alone cannot know it; one that reads the turns before it too answers.
import { manualSeed, rand, scope } from "hiddenstate";
import { distinctN } from "hiddenstate/metrics";
import { Seq2Seq } from "hiddenstate/models";

manualSeed(7);
const pick = (list) => list[Math.floor(scope(() => rand([1]).item()) * list.length)];
const names = "ada ben cleo dan eve fay gus hal ida joe".split(" ");

/** Four turns; the second and the fourth are replies. */
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
/** Each reply with the turns before it, as many as are read. */
const replies = (turns, history) =>
  turns.flatMap((target, i) =>
    i % 2 ? [{ source: turns.slice(Math.max(0, i - history), i).join(SEPARATOR), target }] : [],
  );
const [learnt, held] = [1200, 100].map((count) => Array.from({ length: count }, dialogue));

/** A model that reads so many turns, and its share of right answers to the questions. */
async function talker(history) {
  manualSeed(3);
  const pairs = learnt.flatMap((turns) => replies(turns, history));
  const model = Seq2Seq.build(pairs, {
    ...{ source: "words", target: "words", split: "whitespace", vocabulary: "joint" },
    ...{ embeddingSize: 64, hiddenSize: 64, dropout: 0 },
  });
  await model.fit(pairs, {
    ...{ steps: 700, batchSize: 32, learningRate: 0.01, labelSmoothing: 0 },
    onStep({ step, loss }) {
      if (step % 100 === 0) console.log(`${history} turns: step ${step}  loss ${loss.toFixed(4)}`);
    },
  });
  const questions = held.map((turns) => replies(turns, history).at(-1));
  const { scores } = await model.evaluate(questions);
  return { model, right: scores.exactMatch };
}

const alone = await talker(1);
const { model, right } = await talker(3);
const percent = (share) => `${(100 * share).toFixed(0)} %`;
console.log(`answers right: ${percent(alone.right)} by the last turn, ${percent(right)} by three`);

let history = [];
for (const said of ["hello , my name is ida", "do you remember me"]) {
  history = [...history, said].slice(-3);
  const { text } = model.predict(history.join(SEPARATOR));
  history.push(text);
  console.log(`> ${said}\n${text}`);
}
const answers = held.map((turns) => model.predict(replies(turns, 3).at(-1).source).text);
console.log(`distinct pairs of words among all: ${percent(distinctN(answers, 2))}`);
if (right < 0.9 || alone.right > 0.3) throw new Error("It did not learn to remember.");
