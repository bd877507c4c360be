// Networks of taggers.
import type { SequenceTagger } from "../../models/tagger/sequence-tagger.js";
import type { WordEncoder } from "../../models/parts/word-encoder.js";
import type { Axis, GraphBuilder, Ref } from "./builder.js";
import { writeLayer, writeLinear } from "./layers.js";
import type { Notes } from "./models.js";
import { writeRecurrent } from "./recurrent.js";
import { writeCleared, writePooled, writeSteps, type Steps } from "./sequences.js";
import { writeTransformerLayers } from "./transformer.js";

/**
 * Ids of words, and of their letters → emissions of the labels of each word, and logits of the sentence's intent. What a CRF knows beside
 * is in outputs that no input changes, for Viterbi's algorithm: `transitions` `[from, to]`, `start_transitions` and `end_transitions`,
 * -Infinity where the scheme forbids it.
 */
export function writeTagger(b: GraphBuilder, tagger: SequenceTagger): Notes {
  const { encoder, lstm, transformer, head, intentHead, crf, vocabularies } = tagger;
  const words = b.input("words", "int64", ["batch", "time"]);
  const lengths = b.input("lengths", "int32", ["batch"]);
  const vectors = wordVectors(b, encoder, words);
  const steps = writeSteps(b, lengths, vectors);
  const hidden = lstm
    ? writeRecurrent(b, lstm, "lstm", vectors, { lengths }).output
    : writeTransformerLayers(b, transformer!, "transformer", vectors, steps);
  b.output("emissions", writeLinear(b, head, "head", hidden));
  if (intentHead) {
    const all = writePooled(b, "max", steps, hidden);
    b.output("intents", writeLinear(b, intentHead, "intentHead", all));
  }
  if (crf) {
    const scores = crf.weights_();
    const tags = crf.numTags;
    const rows = (first: number, count: number): Float32Array =>
      scores.data().slice(first * tags, (first + count) * tags);
    const known = (name: string, values: Float32Array, axes: number[]): void =>
      b.output(name, b.floats(`crf.${name}`, values, axes));
    known("transitions", rows(0, tags), [tags, tags]);
    known("start_transitions", rows(tags, 1), [tags]);
    known("end_transitions", rows(tags + 1, 1), [tags]);
    scores.dispose();
  }
  const { words: known, characters, intents } = vocabularies;
  return {
    vocabulary: JSON.stringify(known.tokens),
    ...(encoder.characters && { characters: JSON.stringify(characters.tokens) }),
    labels: JSON.stringify(tagger.emitted_),
    ...(intentHead && { intents: JSON.stringify(intents.tokens) }),
  };
}

function wordVectors(b: GraphBuilder, encoder: WordEncoder, words: Ref): Ref {
  const parts = [writeLayer(b, encoder.embedding, "encoder.embedding", words)];
  if (encoder.characters) parts.push(spellings(b, encoder.characters, words));
  if (encoder.shapes) {
    const shapes = b.input("shapes", "int64", ["batch", "time"]);
    parts.push(writeLayer(b, encoder.shapes, "encoder.shapes", shapes));
  }
  if (parts.length === 1) return parts[0]!;
  return b.node("Concat", parts, ["batch", "time", encoder.outputSize], { axis: 2 });
}

/** What reads the letters of a word sees each word as a row. */
function spellings(
  b: GraphBuilder,
  encoder: NonNullable<WordEncoder["characters"]>,
  words: Ref,
): Ref {
  const path = "encoder.characters";
  const ids = b.input("characters", "int64", ["batch", "time", "letters"]);
  const counts = b.input("character_lengths", "int32", ["batch", "time"]);
  const size = b.node("Shape", [ids], [3]);
  const last = b.node("Slice", [size, b.ints([2]), b.ints([3])], [1]);
  const flat = b.node("Concat", [b.ints([-1]), last], [2], { axis: 0 });
  const rows = b.node("Reshape", [ids, flat], ["words", "letters"]);
  const lengths = b.node("Reshape", [counts, b.ints([-1])], ["words"]);
  const letters = writeLayer(b, encoder.embedding, `${path}.embedding`, rows);
  const steps = writeSteps(b, lengths, letters);
  const made =
    "conv" in encoder
      ? convolved(b, encoder, letters, steps)
      : lastStates(b, encoder, letters, lengths);
  const outer = b.node(
    "Concat",
    [b.node("Shape", [words], [2]), b.ints([encoder.outputSize])],
    [3],
    {
      axis: 0,
    },
  );
  return b.node("Reshape", [made, outer], ["batch", "time", encoder.outputSize]);
}

type Characters = NonNullable<WordEncoder["characters"]>;

function convolved(
  b: GraphBuilder,
  { conv, outputSize }: Extract<Characters, { conv: unknown }>,
  x: Ref,
  steps: Steps,
): Ref {
  const [words, letters, features] = x.axes as [Axis, Axis, Axis];
  const turned = (y: Ref, axes: Axis[]): Ref => b.node("Transpose", [y], axes, { perm: [0, 2, 1] });
  const read = turned(writeCleared(b, steps, x), [words, features, letters]);
  const made = writeLayer(b, conv, "encoder.characters.conv", read);
  return writePooled(b, "max", steps, turned(made, [words, letters, outputSize]));
}

function lastStates(
  b: GraphBuilder,
  { lstm, outputSize }: Extract<Characters, { lstm: unknown }>,
  x: Ref,
  lengths: Ref,
): Ref {
  const { state } = writeRecurrent(b, lstm, "encoder.characters.lstm", x, { lengths });
  const axes = [x.axes[0]!, 2, lstm.hiddenSize];
  const rows = b.node("Transpose", [state[0]!], axes, { perm: [1, 0, 2] });
  return b.node("Reshape", [rows, b.ints([0, -1])], [x.axes[0]!, outputSize]);
}
