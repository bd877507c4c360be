// What a model is made of where pairs decide: their tokens, and what else options leave open.
import { definedOnly } from "../../core/check.js";
import { checkRecord } from "../../core/check-like.js";
import { pickOptions } from "../../core/options.js";
import { checkExample, counted, inPlace, type Examples, type Later } from "../../data/examples.js";
import type { Tokenizer } from "../../text/tokenizer.js";
import { chosenNote, type ModelNotes } from "../kit/model-file.js";
import { checkTogether } from "./check-together.js";
import { chooseModel } from "./defaults.js";
import type { SequencePair, SideName } from "./example.js";
import {
  BUILD_SEQ2SEQ_OPTIONS,
  SEQ2SEQ_OPTIONS,
  settingsFor,
  type BuildSeq2SeqOptions,
  type Seq2SeqOptions,
} from "./options.js";
import { mayBeJoint, PairCounter } from "./pair-tokens.js";
import { checkVectors, ofWords, sourceOf } from "./source-vectors.js";
import { PAIR_TOKEN_OPTIONS } from "./token-options.js";

interface Found {
  readonly tokenizers: Readonly<Record<SideName, Tokenizer>>;
  /** Options of the model. */
  readonly own: Seq2SeqOptions;
  readonly notes: ModelNotes;
}

/** Goes through pairs once; a promise where they stream. */
export function foundIn<E extends Examples<SequencePair>, Model>(
  { op, item }: { op: string; item: string },
  pairs: E,
  options: BuildSeq2SeqOptions,
  make: (found: Found) => Model,
): Later<E, Model> {
  checkRecord(op, "options in an object", options);
  const { vectors, ...given } = options;
  const settings = settingsFor<BuildSeq2SeqOptions>(op, BUILD_SEQ2SEQ_OPTIONS, given);
  const { lowercase, architecture } = settings;
  if (vectors) checkVectors(op, given);
  const asked = pickOptions(PAIR_TOKEN_OPTIONS, given);
  const tokens = vectors ? ofWords(asked) : asked;
  const counter = new PairCounter(op, tokens, { lowercase });
  checkTogether(op, pickOptions(SEQ2SEQ_OPTIONS, given), mayBeJoint(tokens));
  return counted(
    { op, item },
    pairs,
    (pair: SequencePair, place) =>
      inPlace(item, place, () => {
        checkExample(op, item, pair);
        counter.add(pair);
      }),
    (count) => {
      const { tokenizers: cut, kinds, chosen, ratio } = counter.found();
      const begun = vectors && sourceOf(op, vectors, cut.source, given);
      const tokenizers = begun ? { ...cut, source: begun.tokenizer } : cut;
      const joint = tokenizers.source.vocabulary === tokenizers.target.vocabulary;
      const targetKind = kinds.target;
      const sizes = chooseModel({ architecture, pairs: count, joint, targetKind, ratio });
      const embedding = begun && { embeddingSize: begun.embeddingSize };
      const own = { ...definedOnly(settings), ...sizes, ...definedOnly(given), ...embedding };
      return make({
        tokenizers,
        own: pickOptions(SEQ2SEQ_OPTIONS, own),
        notes: chosenNote({ ...chosen, ...sizes }, given),
      });
    },
  );
}
