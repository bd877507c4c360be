// Language models beside a CTC search.
import { checkCall } from "../../core/check.js";
import { described } from "../../core/described.js";
import { IndexError, OptionError } from "../../core/errors.js";
import { logSoftmax } from "../../ops/softmax.js";
import { tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Decoder } from "../decoder.js";

/** What {@link ctcBeamSearch} asks of a language model. {@link labelScorer} makes one of a model; any object of this form will do. */
export interface LabelScorer {
  /**
   * The natural logarithms of the probabilities of what comes next.
   *
   * @param prefixes labels that came before; none is asked for twice in a search
   * @param blank the class that is no label: in its place stands the probability that the text ends, or 0 where the model has none
   * @param out `[prefixes, classes]`, all overwritten
   */
  score(prefixes: readonly Int32Array[], blank: number, out: Float32Array): void;
}

/** A model over ids that looks back: `NgramModel`. */
export interface ContextModel {
  readonly vocabularySize: number;
  logProbability(context: ArrayLike<number>, id: number): number;
}

/** A model that writes: a language model, its {@link Decoder} made anew for a number of rows. */
export interface DecodingModel {
  decoder(options: { rows: number }): Decoder;
}

export interface LabelScorerOptions {
  /** The model's id of each class; at the blank's place anything. Default: the class itself. */
  ids?: ArrayLike<number> | undefined;
  /** The id that the model reads before the first label. A model with a decoder needs one. Default for others: none. */
  start?: number | undefined;
  /** The id that ends a text, whose probability counts at the end. Default: none. */
  end?: number | undefined;
}

const OP = "labelScorer";

/**
 * A language model over labels, for {@link ctcBeamSearch}: an `NgramModel`, or a model that has a decoder, such as a
 * LanguageModel of characters. A decoder steps all of its rows at once, and a search's prefixes do not grow together: each new prefix is
 * read from its begin, all new ones of a step side by side.
 *
 * @throws OptionError for what is no such model, or a decoder's without `start`
 * @example
 * ```ts
 * const text = Int32Array.from({ length: 300 }, (_, i) => 1 + (i % 3)); // 1 2 3 1 2 3 …
 * const model = await NgramModel.build(text, { vocabularySize: 4, order: 2 });
 * const logits = zeros([1, 6, 4]);
 * ctcBeamSearch(logits, { languageModel: labelScorer(model), alpha: 2, beta: 3 })[0]![0]!.labels.length > 1; // true
 * ```
 */
export function labelScorer(
  model: ContextModel | DecodingModel,
  options: LabelScorerOptions = {},
): LabelScorer {
  checkCall(OP, arguments, "model:object {ids:list start:number end:number}");
  if (isMethod(model, "logProbability")) return contextScorer(model as ContextModel, options);
  if (!isMethod(model, "decoder"))
    throw new OptionError({
      op: OP,
      expected: "a model with logProbability() or decoder()",
      got: described(model),
    });
  const { start } = options;
  if (start === undefined)
    throw new OptionError({
      op: OP,
      expected: "start, the id that the model reads before the first label",
      got: "none",
    });
  return decoderScorer(model as DecodingModel, options, start);
}

function isMethod(model: object, name: string): boolean {
  return typeof (model as Record<string, unknown>)[name] === "function";
}

/** The model's id of each class, by the first call's number of classes. */
function idOf({ ids }: LabelScorerOptions, label: number): number {
  if (ids === undefined) return label;
  if (label < ids.length) return ids[label]!;
  throw new IndexError({
    op: OP,
    expected: `labels from 0 to ${ids.length - 1}, as ids has them`,
    got: String(label),
  });
}

function contextScorer(model: ContextModel, options: LabelScorerOptions): LabelScorer {
  const { start, end } = options;
  return {
    score(prefixes, blank, out) {
      const classes = out.length / prefixes.length;
      prefixes.forEach((prefix, i) => {
        const context = Array.from(prefix, (label) => idOf(options, label));
        if (start !== undefined) context.unshift(start);
        for (let label = 0; label < classes; label++) {
          const id = label === blank ? end : idOf(options, label);
          out[i * classes + label] = id === undefined ? 0 : model.logProbability(context, id);
        }
      });
    },
  };
}

function decoderScorer(
  model: DecodingModel,
  options: LabelScorerOptions,
  start: number,
): LabelScorer {
  return {
    score(prefixes, blank, out) {
      const classes = out.length / prefixes.length;
      const decoder = model.decoder({ rows: prefixes.length });
      try {
        // Those that still read, by their place among the prefixes.
        let reading = prefixes.map((_, i) => i);
        let ids = Int32Array.from(reading, () => start);
        for (let read = 0; reading.length > 0; read++) {
          const logits = new Float32Array(reading.length * decoder.classes);
          decoder.step(ids, logits);
          const shape = [reading.length, decoder.classes];
          const values = scope(() => logSoftmax(tensor(logits, { shape })).data());
          reading.forEach((i, row) => {
            if (prefixes[i]!.length !== read) return;
            for (let label = 0; label < classes; label++) {
              const id = label === blank ? options.end : idOf(options, label);
              out[i * classes + label] =
                id === undefined
                  ? 0
                  : values[row * decoder.classes + checked(id, decoder.classes)]!;
            }
          });
          const rows = reading
            .map((_, row) => row)
            .filter((row) => prefixes[reading[row]!]!.length > read);
          reading = rows.map((row) => reading[row]!);
          ids = Int32Array.from(reading, (i) => idOf(options, prefixes[i]![read]!));
          if (rows.length > 0) decoder.select(Int32Array.from(rows));
        }
      } finally {
        decoder.dispose();
      }
    },
  };
}

function checked(id: number, classes: number): number {
  if (Number.isInteger(id) && id >= 0 && id < classes) return id;
  throw new IndexError({
    op: OP,
    expected: `ids of the language model from 0 to ${classes - 1}`,
    got: described(id),
  });
}
