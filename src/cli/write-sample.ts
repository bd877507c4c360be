import type { GenerateOptions, LanguageModel } from "../models/language-model.js";

/** Prints a prompt and what the model makes of it, token by token; gives what it made. */
export function writeSample(
  model: LanguageModel,
  prompt: string,
  options: GenerateOptions,
): string {
  let sample = "";
  process.stdout.write(prompt);
  for (const piece of model.generate(prompt, options)) {
    process.stdout.write(piece);
    sample += piece;
  }
  process.stdout.write("\n");
  return sample;
}
