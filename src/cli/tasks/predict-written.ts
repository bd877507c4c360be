// `hiddenstate predict` with a model that writes and may tell where it looked.
import { answersOf } from "../answers.js";
import { flag, pickOptions, text, whole, type OptionTable } from "../../core/options.js";
import { lineChunks } from "../../data/source.js";
import { htmlPage, type PageSection } from "../../inspect/page.js";
import { searchSettings, type Seq2SeqPredictOptions } from "../../models/seq2seq/search-options.js";
import { checkWritable, writeBytes } from "../../platform/node/files.js";
import { flagOf } from "../flags.js";
import type { Prediction } from "../task.js";
import { checkUsage, UsageError } from "../usage.js";

/** A page of more figures would be too heavy. */
const MOST_FIGURES = 100;

/** One of the best texts, with what a page shows of it. */
interface Told {
  readonly text: string;
  readonly attention: unknown;
}

interface Answer extends Told {
  readonly alternatives: readonly Told[];
}

/** A model that answers what lines name. */
interface Writer<Item, Found> {
  readonly options: { readonly attention?: string | undefined };
  predictBatch(items: Iterable<Item>, options: Seq2SeqPredictOptions): Found[];
}

interface Writing<Item, Found> {
  /** Options of the search, and of the model's `predict`. */
  readonly search: object;
  readonly options: object;
  /** What the model is asked about. */
  read(line: string): Item;
  /** What stands before what is found, in JSON. Default: nothing. */
  named?(line: string): object;
  section(line: string, found: Found): PageSection;
}

/** Everything of `predict` but its help. */
export function predictWritten<Model extends Writer<Item, Found>, Item, Found extends Answer>({
  search,
  options: known,
  read,
  named = () => ({}),
  section,
}: Writing<Item, Found>): Pick<Prediction<Model>, "options" | "lines" | "byWorkers"> {
  return {
    byWorkers: true,
    options: {
      ...(search as OptionTable),
      alternatives: whole(1, 1, "how many of the best texts to tell, with tabs between"),
      attention: {
        ...text(undefined, "a page for where the model looked, of the first 100 lines"),
        form: "a file",
      },
      json: flag(false, "JSON lines, with everything that the model finds"),
    },
    async *lines(model, source, { json, attention: page, ...given }) {
      const looking = model.options.attention !== "none";
      if (page !== undefined && !looking)
        throw new UsageError({
          op: "predict",
          expected: "a model with attention for --attention",
          got: "one without",
        });
      const options: Seq2SeqPredictOptions = pickOptions(known as OptionTable, given);
      checkUsage(() => searchSettings("predict", options, looking, flagOf));
      if (page !== undefined) await checkWritable(page as string);
      const figures: PageSection[] = [];
      for await (const lines of lineChunks(source)) {
        const looks = page !== undefined && figures.length < MOST_FIGURES;
        const asked = { ...options, attention: looks };
        const found = await answersOf(model, lines.map(read), asked);
        for (const [i, one] of found.entries()) {
          const line = lines[i]!;
          if (looks && figures.length < MOST_FIGURES) figures.push(section(line, one));
          yield json ? JSON.stringify({ ...named(line), ...plain(one) }) : textsOf(one);
        }
      }
      if (page !== undefined)
        await writeBytes(page as string, new TextEncoder().encode(htmlPage("Attention", figures)));
    },
  };
}

function textsOf({ alternatives }: Answer): string {
  // A line for a line, whatever is written.
  return alternatives.map(({ text }) => text.replaceAll("\n", " ")).join("\t");
}

/** Without what the page shows. */
function plain({ attention: _, alternatives, ...best }: Answer): object {
  const others = alternatives.map(({ attention: _, ...one }) => one);
  return { ...best, alternatives: others };
}
