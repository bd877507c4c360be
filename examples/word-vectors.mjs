// word2vec: skip-gram with sampled softmax (Mikolov et al. 2013; Jean et al. 2015) on a small made language, then
// analogies: king - man + woman = queen.
import {
  Adam,
  concat,
  crossEntropy,
  Embedding,
  manualSeed,
  matmul,
  rand,
  scope,
  tensor,
  transpose,
  zeros,
} from "hiddenstate";

const WINDOW = 4;
const SIZE = 16;
const BATCH = 128;
const SAMPLED = 12;

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

const sentences = Array.from({ length: 2500 }, () => {
  const [role, gender, a, b, c, d, place] = integers(7, 20);
  const { people, around } = roles[role % 5];
  const [group, words] = [genders[gender % 2], [around[a % 4], around[b % 4]]];
  words.push(group[c % 4], group[d % 4]);
  words.splice(place % 4, 0, people[gender % 2]);
  return words;
});
const vocabulary = [...new Set(sentences.flat())];
const ids = new Map(vocabulary.map((word, id) => [word, id]));
const pairs = sentences.flatMap((words) =>
  words.flatMap((center, i) =>
    words
      .slice(Math.max(0, i - WINDOW), i + WINDOW + 1)
      .filter((context) => context !== center)
      .map((context) => [ids.get(center), ids.get(context)]),
  ),
);

// Words are drawn as often as their count to the power of 3/4 says; an expected count is that times SAMPLED.
const counts = vocabulary.map((word) => sentences.flat().filter((other) => other === word).length);
const weights = counts.map((count) => count ** 0.75);
const total = weights.reduce((sum, weight) => sum + weight, 0);
const logExpected = weights.map((weight) => Math.log((SAMPLED * weight) / total));
const noise = weights.flatMap((weight, id) => Array(Math.round((1e4 * weight) / total)).fill(id));

const [input, output] = [0, 1].map(() => {
  const table = new Embedding(vocabulary.length, SIZE);
  scope(() => table.weight.set(table.weight.mul(0.1)));
  return table;
});
const optimizer = new Adam([...input.parameters(), ...output.parameters()], { lr: 0.01 });

/**
 * Cross-entropy of the true context among itself and a few drawn words, each logit less the log of its expected
 * count: on average the gradient of the full softmax. Where the true word was drawn too, it does not count as wrong.
 */
function sampledSoftmax(centers, contexts) {
  const drawn = Int32Array.from(integers(SAMPLED, noise.length), (i) => noise[i]);
  const h = input.forward(tensor(centers)); // [batch, size]
  const right = output.forward(tensor(contexts)).mul(h).sum(-1, true); // [batch, 1]
  const wrong = matmul(h, transpose(output.forward(tensor(drawn)), 0, 1)); // [batch, sampled]
  const correction = Array.from(contexts, (context) => [
    -logExpected[context],
    ...Array.from(drawn, (id) => (id === context ? -1e4 : -logExpected[id])),
  ]);
  const logits = concat([right, wrong], 1).add(tensor(correction));
  return crossEntropy(logits, zeros([BATCH], { dtype: "int32" }));
}

for (let step = 1; step <= 2000; step++)
  scope(() => {
    const batch = Array.from(integers(BATCH, pairs.length), (i) => pairs[i]);
    const loss = sampledSoftmax(
      Int32Array.from(batch, ([center]) => center),
      Int32Array.from(batch, ([, context]) => context),
    );
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    if (step % 125 === 0) console.log(`step ${step}  loss ${loss.item().toFixed(3)}`);
  });

const vectors = input.weight.toArray().map((vector) => {
  const norm = Math.hypot(...vector);
  return vector.map((value) => value / norm);
});
const vectorOf = (word) => vectors[ids.get(word)];
const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);

/** The word nearest to b - a + c, none of the three. */
function analogy(a, b, c) {
  const wanted = vectorOf(b).map((value, i) => value - vectorOf(a)[i] + vectorOf(c)[i]);
  return vocabulary
    .filter((word) => ![a, b, c].includes(word))
    .reduce((best, word) =>
      dot(vectorOf(word), wanted) > dot(vectorOf(best), wanted) ? word : best,
    );
}

let right = 0;
const questions = roles.flatMap(({ people: [a, b] }) =>
  roles.filter(({ people: [c] }) => c !== a).map(({ people: [c, d] }) => [a, b, c, d]),
);
for (const [a, b, c, expected] of questions) {
  const answer = analogy(a, b, c);
  if (answer === expected) right++;
  if (a === "man") console.log(`${a} is to ${b} as ${c} is to ${answer}`);
}
console.log(`${right} of ${questions.length} analogies right`);
if (right < 0.8 * questions.length) throw new Error("The vectors do not carry the analogies.");
