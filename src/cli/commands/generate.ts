import { Command } from "commander";
import { OptionError } from "../../core/errors.js";
import { LanguageModel } from "../../models/language-model.js";
import { readModel } from "../read-model.js";
import { samplingOptions, type SamplingFlags } from "../sampling.js";
import { writeSample } from "../write-sample.js";
import { wholeNumber } from "../values.js";
import { taskOf } from "../tasks/task-of.js";
import { initSync } from "../../wasm/backend.js";

interface GenerateFlags extends SamplingFlags {
  model: string;
  prompt: string;
  length: number;
  seed: number;
}

/** `hiddenstate generate`: text from a saved language model. */
export function generateCommand(): Command {
  const command = new Command("generate")
    .description("Let a saved language model write.")
    .requiredOption("--model <file>", "a model that train wrote")
    .option("--prompt <text>", "what it goes on from", "The ")
    .option("--length <n>", "tokens to write", wholeNumber(1), 600)
    .option("--seed <n>", "the same seed gives the same text", wholeNumber(0), 1);
  return samplingOptions(command)
    .addHelpText(
      "after",
      `
Examples:
  hiddenstate generate --model moby-dick.safetensors --prompt "Call me"
  hiddenstate generate --model moby-dick.safetensors --temperature 0.4 --seed 7`,
    )
    .action(async (flags: GenerateFlags) => {
      // The same text from the same seed, whatever the engine.
      initSync({ build: "plain" });
      const model = await readModel(flags.model, load);
      writeSample(model, flags.prompt, flags);
    });
}

function load(bytes: Uint8Array): LanguageModel {
  const task = taskOf(bytes);
  if (task === "language-model") return LanguageModel.load(bytes);
  throw new OptionError({
    op: "generate",
    expected: "a language model",
    got: `a ${task}`,
    cure: "It labels: predict.",
  });
}
