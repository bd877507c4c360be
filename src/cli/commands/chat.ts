import { createInterface } from "node:readline";
import type { Command } from "commander";
import { modelCommand } from "./model-command.js";

/** `hiddenstate chat`: a conversation with a saved model, line by line. */
export function chatCommand(): Command {
  return modelCommand({
    name: "chat",
    description: "Talk with a saved model: it answers each line.",
    expects: "a model that answers",
    optionsOf: ({ chat }) => chat?.options,
    cure: ({ predict, generate }) => (predict ? "It labels: predict." : generate && "It writes: generate."), // prettier-ignore
    async run(task, bytes, given) {
      const answer = task.chat!.begin(task.load(bytes), given);
      const { stdin: input, stdout: output } = process;
      const terminal = input.isTTY && output.isTTY;
      // Where nobody types, answers alone are wanted.
      const lines = createInterface({ input, ...(terminal && { output }), prompt: "> " });
      if (terminal) lines.prompt();
      for await (const line of lines) {
        if (line.trim() === "/reset") answer(undefined);
        else if (line.trim() !== "") console.log(answer(line));
        if (terminal) lines.prompt();
      }
    },
  }).addHelpText(
    "after",
    `
/reset forgets what was said; the end of the input (Ctrl-D) ends the conversation.

Examples:
  hiddenstate train --task seq2seq --train dialogues.tsv --columns source=question,target=answer --out bot.safetensors
  hiddenstate chat --model bot.safetensors
  hiddenstate chat --model bot.safetensors --turns 3 --no-repeat-ngram-size 3

With --turns 3 the model reads "hello <sep> hi there <sep> how are you": train it on sources that have the turns
before like that. Without, each answer is to the last line alone.`,
  );
}
