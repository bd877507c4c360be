// Ready models by two workers beside the program's own thread: the tagger of CoNLL-2003 trains; it and the classifier of SST-2 answer.
import { manualSeed } from "hiddenstate";
import { PredictionPool } from "hiddenstate/parallel";
import { RECIPES as CLASSIFIERS } from "../tasks/classification/recipes.mjs";
import { RECIPES as TAGGERS } from "../tasks/tagging/recipes.mjs";
import { contest, nameOf, print, THREADS } from "./contest.mjs";

/** Steps of a run, and those of them before time is taken. */
const STEPS = 60;
const FIRST = 10;
/** Inputs that are answered in a run. */
const INPUTS = 4000;

export async function taggerSteps(folder, seconds) {
  const { read, build, fit } = TAGGERS.conll2003;
  const { train } = read(folder);
  const contestants = THREADS.map((threads) => {
    manualSeed(1);
    const tagger = build(train);
    const [workers, shards] = threads ?? [];
    const run = async () => {
      let began;
      let took;
      // The same batches in each run.
      manualSeed(2);
      await tagger.fit(train, {
        // Of a run of so many epochs weights are averaged seldom; a short one would take them at each step.
        ...{ batchSize: fit.batchSize, averageEpochs: fit.averageEpochs, learningRate: 1e-4 },
        ...{ steps: STEPS, workers, shards },
        onStep({ step }) {
          if (step === FIRST) began = performance.now();
          if (step === STEPS) took = (performance.now() - began) / (STEPS - FIRST);
        },
      });
      return took;
    };
    return { name: nameOf(threads), run };
  });
  for (const { run } of contestants) await run();
  print("tagger", await contest(contestants, seconds), "a step");
}

export async function predictions(folder, seconds) {
  const words = TAGGERS.conll2003.read(folder).train;
  const tagger = TAGGERS.conll2003.build(words);
  await answers("tagger answers", tagger, words, ({ words }) => words, seconds / 2);
  const texts = CLASSIFIERS.sst2.read(folder).train;
  const classifier = CLASSIFIERS.sst2.build(texts, {});
  await answers("classifier answers", classifier, texts, ({ input }) => input, seconds / 2);
}

async function answers(title, model, examples, inputOf, seconds) {
  const inputs = Array.from({ length: INPUTS }, (_, i) => inputOf(examples[i % examples.length]));
  const pool = new PredictionPool(model, { workers: 2 });
  const timed = (run) => async () => {
    const began = performance.now();
    await run();
    return performance.now() - began;
  };
  const contestants = [
    { name: "predictBatch", run: timed(() => model.predictBatch(inputs)) },
    { name: "2 workers", run: timed(() => pool.predictBatch(inputs)) },
  ];
  try {
    for (const { run } of contestants) await run();
    print(title, await contest(contestants, seconds), `for ${INPUTS}`);
  } finally {
    await pool.close();
  }
}
