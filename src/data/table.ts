// Rows of values as records by column name.
import { quoted } from "../core/code-points.js";
import { OptionError } from "../core/errors.js";
import { formatFault, UNNAMED, type Located, type NamedSource } from "./fault.js";

export interface TableOptions<Name extends string> extends NamedSource {
  /** The names of the columns, in order, where the first row is no header that has them. */
  columns?: readonly Name[] | undefined;
}

/** A row of values, and the line at which it begins. */
export interface Row {
  readonly values: readonly string[];
  readonly line: number;
}

/**
 * Each row by the names of its columns.
 *
 * @param cure what helps where a row has more values
 * @throws FormatError for a row with more or fewer values than there are names, or a name that comes twice
 */
export async function* recordsOf<Name extends string>(
  op: string,
  rows: AsyncIterable<Row>,
  { columns, name = UNNAMED }: TableOptions<Name>,
  cure: string,
): AsyncGenerator<Located<Record<Name, string>>, void> {
  const twice = columns && firstRepeated(columns);
  if (twice !== undefined)
    throw new OptionError({ op, expected: "every column name once", got: quoted(twice) });
  let names: readonly string[] | undefined = columns;
  for await (const { values, line } of rows) {
    if (names === undefined) {
      const repeated = firstRepeated(values);
      if (repeated !== undefined)
        throw formatFault(op, "every column name once", quoted(repeated), { name, line });
      names = values;
      continue;
    }
    if (values.length !== names.length)
      throw formatFault(
        op,
        `${names.length} values: ${names.join(", ")}`,
        String(values.length),
        { name, line },
        values.length < names.length ? undefined : cure,
      );
    const value = Object.fromEntries(names.map((column, i) => [column, values[i]]));
    yield { value: value as Record<Name, string>, at: line, unit: "line" };
  }
}

function firstRepeated(names: readonly string[]): string | undefined {
  return names.find((name, i) => names.indexOf(name) < i);
}
