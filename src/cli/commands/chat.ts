import { createInterface } from "node:readline";
import type { Command } from "commander";
import { Interrupted } from "../run/interrupt.js";
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
      const conversation = task.chat!.begin(task.load(bytes), given);
      const { stdin: input, stdout: output } = process;
      const terminal = input.isTTY && output.isTTY;
      // Where nobody types, answers alone are wanted.
      const lines = createInterface({ input, ...(terminal && { output }), prompt: "> " });
      if (terminal) {
        console.log(`It reads ${conversation.reads}. /reset begins anew, Ctrl-D ends.`);
        lines.prompt();
      }
      let interrupted = false;
      lines.on("SIGINT", () => {
        interrupted = true;
        lines.close();
      });
      for await (const line of lines) {
        const said = line.trim();
        if (said === "/reset") conversation.reset();
        else if (said !== "") console.log(conversation.answer(said));
        if (terminal) lines.prompt();
      }
      // Behind the last prompt.
      if (terminal) console.log();
      if (interrupted) throw new Interrupted("Interrupted.");
    },
  }).addHelpText(
    "after",
    `
/reset forgets what was said; the end of the input (Ctrl-D) ends the conversation, Ctrl-C interrupts it (exit code 130).

Examples:
  hiddenstate train --task seq2seq --train dialogues.tsv --columns source=question,target=answer --out bot.safetensors
  hiddenstate chat --model bot.safetensors
  hiddenstate chat --model bot.safetensors --no-repeat-ngram-size 3
  hiddenstate chat --model bot.safetensors --temperature 0.7

A model that was trained on sources with the turns before, "hello <sep> hi there <sep> how are you", reads the last three
turns (--turns), its own among them; any other, each line alone. <sep> in what you type is a blank.`,
  );
}
