// What word vectors bring where little is labelled: one tenth of CoNLL-2003's sentences, or of SST-2's, with vectors that train.mjs
// learnt and without, everything else by the defaults; a line of JSON for each run.
//   node bench/tasks/vectors/tenth.mjs --task conll2003 --data DIR [--vectors cbow-1.bin] [--freeze] [--seed 1] [--test]
import { Option, program } from "commander";
import { backend, initSync, manualSeed } from "hiddenstate";
import { SequenceClassifier, SequenceTagger, text } from "hiddenstate/models";
import { readChunks } from "hiddenstate/node";
import { WordVectors } from "hiddenstate/vectors";
import { readSst2 } from "../classification/data.mjs";
import { conll2003 } from "../tagging/data.mjs";

const TASKS = {
  conll2003: {
    read: conll2003,
    build: (train, vectors, freezeVectors) =>
      SequenceTagger.build(train, { scheme: "IOB1", vectors, freezeVectors }),
    scoreOf: ({ f1 }) => f1,
  },
  sst2: {
    read: (folder) => readSst2(folder, { phrases: Infinity }),
    build: (train, vectors, freezeVectors) =>
      SequenceClassifier.build(train, {
        input: text({ split: "whitespace", lowercase: true, vectors, freezeVectors }),
      }),
    scoreOf: ({ accuracy }) => accuracy,
  },
};

const options = program
  .addOption(new Option("--task <name>").choices(Object.keys(TASKS)).makeOptionMandatory())
  .requiredOption("--data <folder>", "holds conll2003/ and sst/")
  .option("--vectors <file>", "of train.mjs; without it, the model's own first vectors")
  .option("--freeze", "keep the words' vectors as they are", false)
  .option("--seed <n>", "of the first weights, the order and dropout", Number, 1)
  .option("--test", "score the test part too: once a seed", false)
  .addOption(new Option("--build <kernels>").choices(["plain", "relaxed", "auto"]).default("auto"))
  .parse()
  .opts();

initSync({ build: options.build });
const vectors = options.vectors && (await WordVectors.read(() => readChunks(options.vectors)));
manualSeed(options.seed);
const { read, build, scoreOf } = TASKS[options.task];
const { train, valid, test } = read(options.data);
const tenth = train.slice(0, Math.floor(train.length / 10));
const model = build(tenth, vectors, options.freeze);
await model.fit(tenth, { validation: valid });
const score = async (part) =>
  Number((100 * scoreOf((await model.evaluate(part)).scores)).toFixed(2));
console.log(
  JSON.stringify({
    ...options,
    ...{ data: undefined, build: backend().build, examples: tenth.length },
    validation: await score(valid),
    test: options.test ? await score(test) : undefined,
    cpuMinutes: Number((process.cpuUsage().user / 6e7).toFixed(2)),
  }),
);
