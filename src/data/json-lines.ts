// A JSON value a line, or an array of them.
import { checkCall } from "../core/check.js";
import { isBlank } from "../core/white-space.js";
import { formatFault, UNNAMED, valuesOf, type Located, type NamedSource } from "./fault.js";
import { jsonFaultIn } from "./json-fault.js";
import { chunksOf, collect, linesOf, type TextSource } from "./source.js";

/**
 * The values of a text in JSON lines, one by one; empty lines are skipped. What they hold is for the caller to
 * check: the type is only said.
 *
 * @throws FormatError for a line that is no JSON; it names line and column
 * @example
 * ```ts
 * await collect(readJsonLines<{ a: number }>('{"a": 1}\n{"a": 2}\n')); // [{ a: 1 }, { a: 2 }]
 * ```
 */
export function readJsonLines<T = unknown>(
  source: TextSource,
  options: NamedSource = {},
): AsyncGenerator<T, void> {
  checkCall("readJsonLines", arguments, "source {name:string}");
  return valuesOf(jsonLines<T>(source, options));
}

/** The values, each with its line. */
export async function* jsonLines<T = unknown>(
  source: TextSource,
  { name = UNNAMED }: NamedSource = {},
  expected = "a JSON value in one line",
): AsyncGenerator<Located<T>, void> {
  let line = 0;
  for await (const text of linesOf(source)) {
    line++;
    if (isBlank(text)) continue;
    yield {
      value: jsonAt(text, expected, { name, line }),
      at: line,
      unit: "line",
    };
  }
}

/**
 * The values of a text that is one JSON array, or of JSON lines.
 *
 * @throws FormatError for a text that is neither; it names line and column
 */
export async function* jsonItems<T = unknown>(
  source: TextSource,
  { name = UNNAMED }: NamedSource = {},
): AsyncGenerator<Located<T>, void> {
  const text = (await collect(chunksOf(source))).join("");
  if (!text.trimStart().startsWith("[")) {
    yield* jsonLines<T>(text, { name }, "an array of objects, or an object a line");
    return;
  }
  const items = jsonAt<T[]>(text, "a JSON array", { name, line: 1 });
  for (const [i, value] of items.entries()) yield { value, at: i + 1, unit: "item" };
}

/** A text's value; what is no JSON is told with its place in the text, which begins at `line`. */
export function jsonAt<T>(
  text: string,
  expected: string,
  { name, line }: { name: string; line: number },
): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    const at = jsonFaultIn(text);
    const before = text.slice(0, at).split("\n");
    throw formatFault(
      "readJsonLines",
      expected,
      at < text.length ? JSON.stringify(text[at]) : "the end of the line",
      { name, line: line + before.length - 1, column: before.at(-1)!.length + 1 },
    );
  }
}
