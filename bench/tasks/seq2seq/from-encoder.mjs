// A classifier that begins with an autoencoder's embedding and encoder, beside one that begins at random (Dai & Le 2015), on
// TREC's question types with few labels.
//   node bench/tasks/seq2seq/from-encoder.mjs --data DIR --model DIR/model.safetensors [--labels 500] [--part test]
import { readFileSync } from "node:fs";
import { Option, program } from "commander";
import { initSync, manualSeed, tensor } from "hiddenstate";
import { shuffle } from "hiddenstate/data";
import { Seq2Seq, SequenceClassifier, TextInput } from "hiddenstate/models";
import { readTrec } from "../classification/data.mjs";

const options = program
  .requiredOption("--data <folder>", "holds the data sets, a folder each")
  .requiredOption("--model <file>", "an autoencoder that train.mjs saved")
  .option("--labels <n>", "questions to learn from", Number, 500)
  .option("--seeds <list>", "of the questions, the first weights and the order", "1,2,3")
  .option(
    "--head-epochs <n>",
    "in which only the output layer learns, at a rate of 0.005",
    Number,
    10,
  )
  .option("--epochs <n>", "in which all learns", Number, 20)
  .option("--model-options <json>", "changes to the classifier, to try them", JSON.parse, {})
  .option("--fit <json>", "changes to its training", JSON.parse, {})
  .addOption(new Option("--part <name>").choices(["valid", "test"]).default("valid"))
  .addOption(new Option("--build <kernels>").choices(["plain", "relaxed", "auto"]).default("auto"))
  .parse()
  .opts();

initSync({ build: options.build });
const autoencoder = Seq2Seq.load(readFileSync(options.model));
const { source, encoder } = autoencoder;
const { embeddingSize, cell, numLayers, bidirectional } = autoencoder.options;
const lower = (examples) =>
  examples.map(({ input, label }) => ({ input: input.toLowerCase(), label }));
const parts = readTrec(options.data);
const labels = [...new Set(parts.train.map(({ label }) => label))];
const scored = lower(parts[options.part]);

/** Of the same parts as the autoencoder's reader, with the same names. */
const build = () =>
  new SequenceClassifier(labels, new TextInput(source.tokenizer, { embeddingSize }), {
    ...{ encoder: "recurrent", cell, numLayers, bidirectional, hiddenSize: encoder.stateSize },
    ...{ pooling: "max", dropout: 0.5, inputDropout: 0.2 },
    ...options.modelOptions,
  });

/** The autoencoder's weights by the classifier's names; the end mark's vector, the last, is none of a token of TextInput. */
function pretrained() {
  const { tokenizer } = source;
  const vectors = encoder.embedding.weight.data().subarray(0, tokenizer.size * embeddingSize);
  const recurrent = [...autoencoder.stateDict()].filter(([name]) =>
    name.startsWith("encoder.recurrent."),
  );
  return new Map([
    ...recurrent,
    ["input.embedding.weight", tensor(vectors, { shape: [tokenizer.size, embeddingSize] })],
  ]);
}

async function accuracyOf(begins, seed) {
  manualSeed(seed);
  const train = lower(shuffle(parts.train).slice(0, options.labels));
  const model = build();
  if (begins) {
    const { missing, unexpected } = model.loadStateDict(begins, { strict: false });
    if (unexpected.length > 0 || missing.some((name) => !name.startsWith("head.")))
      throw new Error(`not all was moved: ${[...missing, ...unexpected].join(", ")}`);
  }
  const recipe = { batchSize: 16, schedule: "linear" };
  // An output layer that knows nothing would spoil what reads (Kumar et al. 2022).
  if (options.headEpochs > 0) {
    const others = [...model.namedParameters()].filter(([name]) => !name.startsWith("head."));
    for (const [, parameter] of others) parameter.requiresGrad = false;
    await model.fit(train, { ...recipe, epochs: options.headEpochs, learningRate: 5e-3 });
    for (const [, parameter] of others) parameter.requiresGrad = true;
  }
  await model.fit(train, {
    ...{ ...recipe, epochs: options.epochs, learningRate: 1e-3 },
    ...options.fit,
  });
  const { scores } = await model.evaluate(scored);
  model.dispose();
  return scores.accuracy;
}

console.log(
  `${options.labels} questions to learn from, ${scored.length} of the ${options.part} part`,
);
const arms = { "at random": undefined, "from the encoder": pretrained() };
const found = Object.fromEntries(Object.keys(arms).map((name) => [name, []]));
for (const seed of options.seeds.split(",").map(Number))
  for (const [name, begins] of Object.entries(arms)) {
    found[name].push(await accuracyOf(begins, seed));
    console.log(`seed ${seed}, ${name}: accuracy ${percent(found[name].at(-1))}`);
  }
for (const [name, all] of Object.entries(found))
  console.log(`${name}: mean ${percent(all.reduce((a, b) => a + b) / all.length)}`);

function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}
