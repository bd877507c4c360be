import { Command } from "commander";
import { parseSafetensors } from "../../io/safetensors-header.js";
import { readModel } from "../read-model.js";

/** `hiddenstate inspect`: what a safetensors file holds, without reading its numbers. */
export function inspectCommand(): Command {
  return new Command("inspect")
    .description("Show what a model or checkpoint (any safetensors file) holds.")
    .argument("<file>", "a safetensors file")
    .option("--json", "as JSON", false)
    .action(async (path: string, { json }: { json: boolean }) => {
      const [bytes, { entries, metadata }] = await readModel(path, (read) => [
        read.length,
        parseSafetensors(read),
      ]);
      const tensors = entries.map(({ name, dtype, shape, size }) => ({ name, dtype, shape, size }));
      if (json) {
        const notes = Object.fromEntries(metadata);
        console.log(JSON.stringify({ bytes, metadata: notes, tensors }, null, 2));
        return;
      }
      for (const [key, value] of metadata) console.log(`${key}: ${readable(value)}`);
      const rows = tensors.map(({ name, dtype, shape }) => [name, dtype, `[${shape.join(", ")}]`]);
      const widths = [0, 1].map((i) => Math.max(0, ...rows.map((row) => row[i]!.length)));
      for (const [name, dtype, shape] of rows)
        console.log(`${name!.padEnd(widths[0]!)}  ${dtype!.padEnd(widths[1]!)}  ${shape}`);
      const numbers = tensors.reduce((sum, { size }) => sum + size, 0);
      console.log(`${tensors.length} tensors, ${numbers} numbers, ${bytes} bytes`);
    });
}

/** Vocabularies by their size and first tokens, options by name; what else is long would fill the screen. */
function readable(note: string): string {
  const value = parsed(note);
  const { tokens } = value as { tokens?: unknown };
  if (Array.isArray(tokens)) return shorten(`${tokens.length} tokens: ${tokens.join(" ")}`);
  const options = Object.entries(value);
  const plain = options.every(([, one]) => typeof one !== "object" || one === null);
  if (options.length === 0 || !plain) return shorten(note);
  return options.map(([name, one]) => `${name} ${one}`).join(", ");
}

/** A note's object; none, where it is anything else. */
function parsed(note: string): object {
  try {
    return Object(note.startsWith("{") ? JSON.parse(note) : {}) as object;
  } catch {
    return {};
  }
}

function shorten(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 97)}... (${text.length} characters)`;
}
