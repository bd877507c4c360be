import type { Command } from "commander";
import { modelCommand } from "./model-command.js";

/** `hiddenstate generate`: what a saved model writes. */
export function generateCommand(): Command {
  return modelCommand({
    name: "generate",
    description: "Let a saved model write.",
    expects: "a model that writes",
    optionsOf: ({ generate }) => generate?.options,
    cure: ({ predict, chat }) =>
      predict && (chat ? "It answers texts: predict, or chat." : "It labels: predict."),
    async run(task, bytes, given) {
      await task.generate!.run(task.load(bytes), given);
    },
  }).addHelpText(
    "after",
    `
Examples:
  hiddenstate generate --model moby-dick.safetensors --prompt "Call me"
  hiddenstate generate --model moby-dick.safetensors --temperature 0.4 --seed 7
  hiddenstate generate --model music.safetensors --out piece.mid --svg piece.svg`,
  );
}
