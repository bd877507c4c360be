// What the library says to programs, as the command says it to people: its own name instead of a function's, flags
// instead of the names of options.
import type { HiddenstateError } from "../core/errors.js";
import type { OptionTable } from "../core/options.js";
import { WORD2VEC_FIT_OPTIONS, WORD2VEC_OPTIONS } from "../vectors/options.js";
import { flagOf } from "./flags.js";
import { TASKS } from "./tasks/index.js";

/** `OptionError: train: expected …, got …. The cure.` */
export function told({ name, op, expected, got, cure }: HiddenstateError, command: string): string {
  // Some name the flag that they are about, or the command with a model.
  const who = op.startsWith("--") || op.startsWith(`${command} `) ? op : command;
  return asFlags(`${name}: ${who}: expected ${expected}, got ${got}.${cure ? ` ${cure}` : ""}`);
}

/** Names in camel case are no words of a sentence: where they are an option's, its flag. So is `{ key: "model" }`: `--key model`. */
export function asFlags(message: string): string {
  const names = optionNames();
  const flags = message.replace(/\{ (key|prefix|unknown): "([^"]*)" \}/g, "--$1 $2");
  return flags.replace(/(?<![\w-])[a-z]+(?:[A-Z][a-z0-9]*)+(?!\w)/g, (name) =>
    names.has(name) ? flagOf(name) : name,
  );
}

function optionNames(): ReadonlySet<string> {
  const tables = TASKS.flatMap(({ reading, data, model, training, other, generate, predict }) => [
    ...[reading, data, model, training, other, generate?.options, predict?.options],
  ])
    .concat([WORD2VEC_OPTIONS as OptionTable, WORD2VEC_FIT_OPTIONS as OptionTable])
    .filter((table): table is OptionTable => table !== undefined);
  return new Set(
    tables.flatMap((table) => Object.keys(table).filter((name) => table[name]!.kind !== "api")),
  );
}
