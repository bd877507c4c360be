// A Siamese network (Bromley et al. 1993) over letters: spellings of one name lie close, by the ranking of a batch's other
// names (Henderson et al. 2017). Names never seen in training are matched from one example each.
import { manualSeed, rand, scope } from "hiddenstate";
import { SiameseNetwork, text } from "hiddenstate/models";

manualSeed(5);
const pick = (n) => Math.floor(scope(() => rand([1]).item()) * n);
const names = Array.from({ length: 80 }, () =>
  Array.from({ length: 3 + pick(2) }, () => "bdfgklmnprst"[pick(12)] + "aeiou"[pick(5)]).join(""),
);
/** A spelling: two letters changed, doubled or left out. */
function spell(name) {
  const letters = [...name];
  for (let change = 0; change < 2; change++) {
    const at = pick(letters.length);
    const kind = pick(3);
    letters.splice(
      at,
      1,
      ...(kind === 0 ? [] : kind === 1 ? [letters[at], letters[at]] : ["aeiou"[pick(5)]]),
    );
  }
  return letters.join("");
}

const [known, unseen] = [names.slice(0, 60), names.slice(60)];
// Pairs of one name are no negatives of each other.
const pairs = known.flatMap((id) =>
  Array.from({ length: 40 }, () => ({ a: spell(id), b: spell(id), id })),
);
const model = SiameseNetwork.build(pairs, {
  input: text({ tokens: "characters", embeddingSize: 16 }),
  ...{ encoder: "recurrent", hiddenSize: 48, outputSize: 32 },
});
await model.fit(pairs, {
  ...{ epochs: 5, batchSize: 30, learningRate: 3e-3, schedule: "linear" },
  onEvaluation: ({ epoch, trainLoss }) =>
    console.log(`epoch ${epoch + 1}  loss ${trainLoss.toFixed(3)}`),
});

// One-shot: one spelling of each new name is known; which name is another spelling of?
const references = model.references();
for (const name of unseen) references.add(name, spell(name));
const right = unseen.filter((name) => references.match(spell(name))[0].label === name).length;
console.log(`${right} of ${unseen.length} names never seen before matched from one example`);

const spellings = unseen.flatMap((label) =>
  Array.from({ length: 6 }, () => ({ label, input: spell(label) })),
);
const { accuracy, chance } = model.evaluateOneShot(spellings, { ways: 20, shots: 1, draws: 20 });
console.log(`20 ways, one shot: ${(100 * accuracy).toFixed(1)} %, by chance ${100 * chance} %`);
if (accuracy < 0.5) throw new Error("It did not learn to match.");
