// A JSON value a line.
import { formatFault, UNNAMED, type NamedSource } from "./fault.js";
import { jsonFaultIn } from "./json-fault.js";
import { linesOf, type TextSource } from "./source.js";

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
export async function* readJsonLines<T = unknown>(
  source: TextSource,
  { name = UNNAMED }: NamedSource = {},
): AsyncGenerator<T, void> {
  let line = 0;
  for await (const text of linesOf(source)) {
    line++;
    if (text.trim() === "") continue;
    let value: T;
    try {
      value = JSON.parse(text) as T;
    } catch {
      const at = jsonFaultIn(text);
      const found = at < text.length ? JSON.stringify(text[at]) : "the end of the line";
      throw formatFault("readJsonLines", "a JSON value in one line", found, {
        name,
        line,
        column: at + 1,
      });
    }
    yield value;
  }
}
