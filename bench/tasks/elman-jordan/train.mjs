// Slots of the ATIS questions by Elman's and Jordan's networks (Mesnil et al. 2013), without CRF or letters.
//   node bench/tasks/elman-jordan/train.mjs --network elman --data DIR --seed 1
// The weights of the best epoch on the validation part are scored on the test part, once, at the end.
import { Option, program } from "commander";
import { Adam, crossEntropy, initSync, manualSeed, noGrad, scope, tensor } from "hiddenstate";
import { batches, padSequences } from "hiddenstate/data";
import { entityScores } from "hiddenstate/metrics";
import { argmax } from "hiddenstate/ops";
import { LinearLR } from "hiddenstate/optim";
import { Vocabulary } from "hiddenstate/text";
import { BestWeights, fit } from "hiddenstate/train";
import { cpuSeconds } from "../../measure.mjs";
import { atis } from "../tagging/data.mjs";
import { NETWORKS, REACH } from "./networks.mjs";

const options = program
  .addOption(
    new Option("--network <name>", "which").choices(Object.keys(NETWORKS)).makeOptionMandatory(),
  )
  .requiredOption("--data <folder>", "holds atis/")
  .option("--epochs <n>", "how often through the training part", Number, 30)
  .option("--batch-size <n>", "sentences in a step", Number, 16)
  .option("--learning-rate <n>", "Adam's, falling to 0", Number, 2e-3)
  .option("--seed <n>", "of the first weights, the order and dropout", Number, 1)
  .addOption(new Option("--build <kernels>").choices(["plain", "relaxed", "auto"]).default("auto"))
  .parse()
  .opts();
const { epochs, batchSize } = options;

initSync({ build: options.build });
manualSeed(options.seed);
const IGNORED = -1;
const EDGE = "<edge>";
const digits = (word) => word.replace(/[0-9]/g, "0");
const parts = atis(options.data);
const words = Vocabulary.build(
  parts.train.flatMap((sentence) => sentence.words.map(digits)),
  { unknown: "<unk>", specials: [EDGE], minCount: 2 },
);
const tags = Vocabulary.build(parts.train.flatMap((sentence) => sentence.tags));
const model = NETWORKS[options.network](words.size, tags.size);

/** Windows of word ids `[batch, time, 2 · REACH + 1]`, and tag ids. Tags that training never saw are not learnt from. */
function batchOf(sentences) {
  const edge = Array(REACH).fill(words.id(EDGE));
  const windows = sentences.map((sentence) => {
    const ids = [...edge, ...words.encode(sentence.words.map(digits)), ...edge];
    return sentence.words.flatMap((_, i) => ids.slice(i, i + 2 * REACH + 1));
  });
  const width = 2 * REACH + 1;
  const padded = padSequences(windows);
  const known = ({ tags: own }) => own.map((tag) => (tags.has(tag) ? tags.id(tag) : IGNORED));
  const targets = padSequences(sentences.map(known), { padding: IGNORED });
  return {
    ids: tensor(padded.ids, { shape: [...targets.shape, width] }),
    targets: tensor(targets.ids, { shape: targets.shape }),
    lengths: targets.lengths,
  };
}

function evaluate(sentences) {
  model.eval();
  const found = [];
  for (const some of batches(sentences, { batchSize: 100 }))
    scope(() => {
      const { ids, lengths } = batchOf(some);
      const best = noGrad(() => argmax(model.forward(ids, lengths), 2).toArray());
      found.push(...best.map((row, i) => row.slice(0, lengths[i]).map((id) => tags.token(id))));
    });
  model.train();
  return entityScores(
    found,
    sentences.map((sentence) => sentence.tags),
  ).f1;
}

const optimizer = new Adam(model.parameters(), { lr: options.learningRate });
const total = epochs * Math.ceil(parts.train.length / batchSize);
const schedule = new LinearLR(optimizer, { startFactor: 1, endFactor: 0, totalIters: total });
const best = new BestWeights(model);
let kept = { f1: -1, epoch: 0 };
const began = cpuSeconds();
await fit({
  model,
  optimizer,
  schedule,
  epochs,
  maxNorm: 5,
  batches: () =>
    batches(parts.train, {
      batchSize,
      shuffle: true,
      bucketBy: (sentence) => sentence.words.length,
    }),
  step(sentences) {
    const { ids, targets, lengths } = batchOf(sentences);
    return crossEntropy(model.forward(ids, lengths), targets, { ignoreIndex: IGNORED });
  },
  onEpoch({ epoch, meanLoss }) {
    const f1 = evaluate(parts.valid);
    if (f1 > kept.f1) {
      kept = { f1, epoch: epoch + 1 };
      best.keep();
    }
    console.log(
      `epoch ${epoch + 1}  loss ${meanLoss.toFixed(4)}  valid F1 ${(100 * f1).toFixed(2)}`,
    );
  },
});
best.restore();
const minutes = ((cpuSeconds() - began) / 60).toFixed(1);
console.log(
  JSON.stringify({
    network: options.network,
    seed: options.seed,
    epoch: kept.epoch,
    valid: kept.f1,
    test: evaluate(parts.test),
    cpuMinutes: Number(minutes),
  }),
);
