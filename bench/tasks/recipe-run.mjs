// What training and scoring a recipe have in common, whatever its model: each kind of task says what is its own.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Option, program } from "commander";
import { backend, initSync, manualSeed } from "hiddenstate";
import { writeBytes } from "hiddenstate/node";

const BUILDS = ["plain", "relaxed", "auto"];

function recipeOptions(recipes) {
  return program
    .addOption(
      new Option("--task <name>", "the recipe").choices(Object.keys(recipes)).makeOptionMandatory(),
    )
    .requiredOption("--data <folder>", "holds the data sets, a folder each")
    .addOption(new Option("--build <kernels>").choices(BUILDS).default("auto"));
}

/** `0.9123`s by name. */
export function scoresText(scores) {
  return Object.entries(scores ?? {})
    .map(([name, score]) => `${name} ${score.toFixed(4)}`)
    .join("  ");
}

/**
 * Trains a recipe, `{ read(folder), build(train, changes), fit, report? }`, and keeps the model and its evaluations in --out. What it reads
 * to learn from may be a stream, with the `count` of its examples.
 *
 * @param report prints how good the model is on the validation part, where the recipe has no report of its own
 */
export async function trainRecipe(recipes, report) {
  const options = recipeOptions(recipes)
    .requiredOption("--out <folder>", "for the checkpoint and the model")
    .option("--seed <n>", "of the first weights, the order and dropout", Number, 1)
    .option("--all", "train on the validation part too, to the recipe's last epoch", false)
    .option("--model <json>", "changes to the recipe's model, to try them", JSON.parse, {})
    .option("--fit <json>", "changes to its training", JSON.parse, {})
    .option("--resume", "resume from the checkpoint in --out, if there is one", false)
    .parse()
    .opts();
  initSync({ build: options.build });
  manualSeed(options.seed);
  const recipe = recipes[options.task];
  const parts = await recipe.read(options.data);
  if (options.all && typeof parts.train === "function")
    throw new Error("--all is for lists of examples");
  const train = options.all ? [...parts.train, ...parts.valid] : parts.train;
  const count = train.count ?? train.length;
  const validation = options.all ? undefined : parts.valid;
  const model = await recipe.build(train, options.model);
  const { metric, ...fit } = { schedule: "linear", ...recipe.fit, ...options.fit };
  // Scored after each epoch, and never ended early.
  const scoring = {
    metric,
    evaluateEvery: Math.ceil(count / fit.batchSize),
    patience: fit.epochs,
  };

  mkdirSync(options.out, { recursive: true });
  const checkpoint = join(options.out, "checkpoint.safetensors");
  const resume = options.resume && existsSync(checkpoint) ? readFileSync(checkpoint) : undefined;
  console.log(JSON.stringify({ task: options.task, seed: options.seed, ...backend(), ...fit }));
  console.log(`${count} examples, ${validation?.length ?? 0} for validation`);
  console.log(String(model));

  const used = () => process.cpuUsage().user / 1e6;
  const began = used();
  let last = began;
  const { best, evaluations } = await model.fit(train, {
    ...fit,
    ...(validation && { validation, ...scoring }),
    onEvaluation({ epoch, trainLoss, validation: scores, improved }) {
      const seconds = used() - last;
      last = used();
      console.log(
        `epoch ${epoch + 1}  loss ${trainLoss.toFixed(4)}  ${scoresText(scores)}  ` +
          `${seconds.toFixed(1)} s${improved ? "  *" : ""}`,
      );
    },
    checkpoint: { save: (bytes) => writeBytes(checkpoint, bytes), ...(resume && { resume }) },
  });
  await writeBytes(join(options.out, "model.safetensors"), model.save());
  const log = new TextEncoder().encode(JSON.stringify(evaluations));
  await writeBytes(join(options.out, "evaluations.json"), log);
  if (validation) await (recipe.report ?? report)("validation", model, validation, train, parts);
  console.log(`best epoch ${best.epoch + 1}; ${((used() - began) / 60).toFixed(1)} CPU minutes`);
}

/** Scores a model that {@link trainRecipe} has kept on a part of its data. */
export async function scoreRecipe(recipes, load, report) {
  const { task, data, model, part, build } = recipeOptions(recipes)
    .option("--model <file>", "what train.mjs saved; without it, the baselines alone")
    .addOption(new Option("--part <name>").choices(["train", "valid", "test"]).default("test"))
    .parse()
    .opts();
  initSync({ build });
  const recipe = recipes[task];
  const parts = await recipe.read(data);
  await (recipe.report ?? report)(
    part,
    model && load(readFileSync(model)),
    parts[part],
    parts.train,
    parts,
  );
}
