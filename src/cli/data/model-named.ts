// The model that a command line names, before its options are known: they are those of the model's library.

/** What `--model` names; undefined where it is not given. */
export function modelNamed(args: readonly string[]): string | undefined {
  const at = args.indexOf("--model");
  return at < 0 ? args.find((arg) => arg.startsWith("--model="))?.slice(8) : args[at + 1];
}
