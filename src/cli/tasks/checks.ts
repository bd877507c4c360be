// What a user should know before a long run, not after it.
import { OptionError } from "../../core/errors.js";
import type { TaskSettings } from "./task.js";

/** The files that a run reads. */
export function inputsOf({ train, valid, test }: TaskSettings): string[] {
  return [train, valid, test].flatMap((files) =>
    typeof files === "string" ? [files, ...files.split(",")] : [],
  );
}

/** Refuses options that need others. */
export function checkOptions(settings: TaskSettings): void {
  const given = (name: string): boolean => (settings[name] ?? null) !== null;
  const refuse = (expected: string, got: string): never => {
    throw new OptionError({ op: "train", expected, got });
  };
  if (!given("valid"))
    for (const name of ["metric", "patience"])
      if (given(name)) refuse(`--valid FILE with --${name}, which looks at its scores`, "none");
  if (settings.characters === "none" && given("characterSize"))
    refuse("--characters cnn or lstm with --character-size", "--characters none");
  if (settings.scheme === "none" && given("learnScheme"))
    refuse("tags that mark spans with --learn-scheme", "--scheme none");
}

/** Says something that is no fault, beside the output. */
export function warn(note: string | undefined): void {
  if (note !== undefined) console.error(`Note: ${note}`);
}

const SHOWN = 12;

/** The first of names, and how many more there are. */
export function someOf(names: readonly string[]): string {
  const more = names.length - SHOWN;
  return names.slice(0, SHOWN).join(", ") + (more > 0 ? `, and ${more} more` : "");
}
