// word2vec (Mikolov et al. 2013) on a small made language: skip-gram with negative sampling, then analogies:
// king - man + woman = queen. The same vectors go to a file that word2vec's readers understand, and come back.
import { manualSeed, rand } from "hiddenstate";
import { Word2Vec, WordVectors } from "hiddenstate/vectors";

// Who somebody is decides some of the words around; whether it is he or she decides others.
const roles = [
  { people: ["man", "woman"], around: ["works", "pays", "votes", "drives"] },
  { people: ["king", "queen"], around: ["reigns", "crown", "throne", "palace"] },
  { people: ["boy", "girl"], around: ["plays", "school", "toys", "grows"] },
  { people: ["actor", "actress"], around: ["acts", "stage", "film", "applause"] },
  { people: ["waiter", "waitress"], around: ["serves", "menu", "dishes", "guests"] },
];
const genders = [
  ["he", "his", "him", "beard"],
  ["she", "her", "hers", "gown"],
];

manualSeed(7);
/** `count` random whole numbers below n. */
const integers = (count, n) => Int32Array.from(rand([count]).data(), (u) => Math.floor(u * n));

const text = Array.from({ length: 2500 }, () => {
  const [role, gender, a, b, c, d, place] = integers(7, 20);
  const { people, around } = roles[role % 5];
  const [group, words] = [genders[gender % 2], [around[a % 4], around[b % 4]]];
  words.push(group[c % 4], group[d % 4]);
  words.splice(place % 4, 0, people[gender % 2]);
  return words.join(" ");
}).join("\n");

const model = await Word2Vec.build(text, { architecture: "skip-gram", vectorSize: 16 });
await model.fit(text, {
  // Every word of a sentence is near every other, and none is so frequent that it tells nothing.
  ...{ epochs: 60, window: 10, negative: 8, sample: 0, learningRate: 0.05 },
  onProgress: ({ epoch, words, totalWords }) => {
    if (words === totalWords) console.log(`${words} words read in ${epoch + 1} epochs`);
  },
});

const file = [...model.vectors().write("word2vec-text")];
const vectors = await WordVectors.read(file);
console.log(`${vectors.size} words, vectors of ${vectors.dimension} numbers`);
console.log(`queen is like ${vectors.mostSimilar("queen", { count: 3 }).map(({ word }) => word)}`);
console.log(`the odd one out: ${vectors.doesntMatch(["king", "crown", "throne", "toys"])}`);

const pairs = roles.map(({ people }) => people.join(" "));
const questions = pairs.flatMap((a) => pairs.filter((b) => b !== a).map((b) => `${a} ${b}`));
const { correct, total } = await vectors.evaluateAnalogies(questions.join("\n"));
const [answer] = vectors.mostSimilar({ positive: ["king", "woman"], negative: ["man"] });
console.log(`man is to woman as king is to ${answer.word}`);
console.log(`${correct} of ${total} analogies right`);
if (correct < 0.8 * total) throw new Error("The vectors do not carry the analogies.");
