// Options of a model that is made of one of several architectures.
import { withDefaults, type OptionTable } from "../../core/options.js";

/** What an architecture does not read of a table, and defaults of its own. */
export interface ArchitectureOptions<O extends object> {
  readonly without: readonly (keyof O)[];
  readonly defaults: Partial<O>;
}

/** A table with the options of one architecture alone. */
export function tableOf<O extends Model, Model extends object>(
  table: OptionTable<O>,
  { without, defaults }: ArchitectureOptions<Model>,
): OptionTable<O> {
  const entries = Object.entries(table).filter(([name]) => !without.includes(name as never));
  return withDefaults(Object.fromEntries(entries) as OptionTable<O>, defaults as Partial<O>);
}
