// The flags of an option table: `hiddenSize` is `--hidden-size`.
import { InvalidArgumentError, Option, type Command } from "commander";
import type { Option as Declared, OptionTable } from "../core/options.js";

/** `--hidden-size` */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Adds a flag for each option that can be given on the command line. */
export function addFlags(command: Command, table: OptionTable): Command {
  for (const [name, option] of Object.entries(table))
    if (option.kind !== "api") command.addOption(flag(name, option));
  return command;
}

function flag(name: string, declared: Declared): Option {
  const long = flagOf(name);
  if (declared.kind === "flag")
    return new Option(declared.default ? long.replace("--", "--no-") : long, declared.help);
  const shown = Array.isArray(declared.default) ? declared.default.join(",") : declared.default;
  const help = declared.help + (shown === undefined ? "" : ` (default: ${String(shown)})`);
  const option = new Option(`${long} <${argument(name, declared)}>`, help);
  // A name that begins with "no", such as noRepeatNgramSize, negates nothing.
  option.negate = false;
  if (declared.choices) return option.choices(declared.choices);
  return option.argParser((text: string) => {
    const value = declared.parse(text);
    if (!declared.fits(value)) throw new InvalidArgumentError(`Expected ${declared.form}.`);
    return value;
  });
}

/** What stands for the value in the help. */
function argument(name: string, { form, choices }: Declared): string {
  if (choices) return "kind";
  if (name === "columns") return "list";
  if (form === "a file") return "file";
  return form.includes("whole") ? "n" : form.includes("number") ? "x" : "text";
}

/** The options that the command line gives, none that are left to their defaults. */
export function givenFlags(command: Command): Record<string, unknown> {
  const values = command.opts<Record<string, unknown>>();
  const given = Object.entries(values).filter(
    ([name]) => command.getOptionValueSource(name) === "cli",
  );
  return Object.fromEntries(given);
}
