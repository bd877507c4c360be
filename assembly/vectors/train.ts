// Word vectors by negative sampling (Mikolov et al., "Distributed representations of words and phrases and their
// compositionality", 2013), by the conventions of word2vec.c: subsampling, windows shrunk by chance, noise by a table.
import { vsigmoid } from "../simd/activate";
import { addRow } from "../simd/rows";
import { assertAligned } from "../simd/preconditions";
import { moveRows, scoreRows } from "./rows";
import { LONGEST_SENTENCE, RANDOM_WORDS, sentenceOf, takeRandom } from "./state";

/** Rows of a position: the word itself, its noise, and up to three more that are only read. */
// @ts-ignore: decorator
@inline
function mostRows(negative: i32): i32 {
  return (negative + 4) & ~3;
}

/** Bytes of scratch for `trainWords`. */
export function trainWordsScratchBytes(width: i32, negative: i32): usize {
  return (<usize>width << 3) + (<usize>mostRows(negative) << 3);
}

/** A whole number below `limit`, of a random word. */
// @ts-ignore: decorator
@inline
function below(word: u32, limit: i32): i32 {
  return <i32>((<u64>word * <u64>(<u32>limit)) >> 32);
}

/**
 * One of the words by their noise (Walker's alias method): the product's upper half chooses a pair of the table, its lower half
 * between the pair's own word and its alias.
 */
// @ts-ignore: decorator
@inline
function noiseWord(noise: usize, words: i32, random: u32): i32 {
  const product = <u64>random * <u64>(<u32>words);
  const own = <usize>(product >> 32);
  const pair = noise + (own << 3);
  return <u32>product < load<u32>(pair) ? <i32>own : load<i32>(pair, 4);
}

/** Adds the rows that a word's vector is made of to `to`, and gives how many. */
// @ts-ignore: decorator
@inline
function addWord(to: usize, word: i32, input: usize, rows: usize, starts: usize, width: i32): i32 {
  if (!starts) {
    addRow(to, input + <usize>word * (<usize>width << 2), width);
    return 1;
  }
  const from = load<i32>(starts + (<usize>word << 2));
  const end = load<i32>(starts + (<usize>word << 2), 4);
  for (let i = from; i < end; i++)
    addRow(to, input + <usize>load<u32>(rows + (<usize>i << 2)) * (<usize>width << 2), width);
  return end - from;
}

/** Adds `error` to each of the rows that a word's vector is made of. */
// @ts-ignore: decorator
@inline
function moveWord(word: i32, error: usize, input: usize, rows: usize, starts: usize, width: i32): void {
  if (!starts) {
    addRow(input + <usize>word * (<usize>width << 2), error, width);
    return;
  }
  const end = load<i32>(starts + (<usize>word << 2), 4);
  for (let i = load<i32>(starts + (<usize>word << 2)); i < end; i++)
    addRow(input + <usize>load<u32>(rows + (<usize>i << 2)) * (<usize>width << 2), error, width);
}

// @ts-ignore: decorator
@inline
function clear(row: usize, width: i32): void {
  memory.fill(row, 0, <usize>width << 2);
}

/** row *= 1 / count */
// @ts-ignore: decorator
@inline
function average(row: usize, width: i32, count: i32): void {
  const share = f32x4.splat(<f32>1 / <f32>count);
  for (; width > 0; width -= 4, row += 16) v128.store(row, f32x4.mul(v128.load(row), share));
}

/**
 * One step for a word and its noise: error = Σ (label − σ(hidden · row)) · rate · row over their rows of `output`, each of which
 * moves by its share of hidden. All scores are of the rows as they were before.
 */
// @ts-ignore: decorator
@inline
function learn(
  error: usize, hidden: usize, word: i32, output: usize, width: i32, noise: usize, words: i32, random: usize, negative: i32, rate: f32,
  targets: usize, gains: usize,
): void {
  const rowBytes = <usize>width << 2;
  const own = output + <usize>word * rowBytes;
  store<usize>(targets, own);
  let count = 1;
  for (let i = 0; i < negative; i++) {
    const other = noiseWord(noise, words, load<u32>(random + (<usize>i << 2)));
    store<usize>(targets + (<usize>count << 2), output + <usize>other * rowBytes);
    // One that is the word itself is left out.
    count += i32(other != word);
  }
  for (let i = count; i & 3; i++) store<usize>(targets + (<usize>i << 2), own);
  scoreRows(gains, hidden, targets, count, width);
  const rates = f32x4.splat(rate);
  // The word itself is the first.
  let label = f32x4(1, 0, 0, 0);
  for (let i = 0; i < count; i += 4) {
    const at = gains + (<usize>i << 2);
    v128.store(at, f32x4.mul(f32x4.sub(label, vsigmoid(v128.load(at))), rates));
    label = f32x4.splat(0);
  }
  clear(error, width);
  moveRows(error, hidden, targets, gains, count, width);
}

/** Trains on the sentence that the state holds, which is empty then. */
function trainSentence(
  state: usize, input: usize, output: usize, width: i32, words: i32, noise: usize, rows: usize, starts: usize,
  scratch: usize, cbow: bool, window: i32, negative: i32, rate: f32, seedLo: i32, seedHi: i32,
): void {
  const length = load<i32>(state);
  store<i32>(state, 0);
  const sentence = sentenceOf(state);
  const sum = scratch;
  const error = scratch + (<usize>width << 2);
  const targets = scratch + (<usize>width << 3);
  const gains = targets + (<usize>mostRows(negative) << 2);
  for (let at = 0; at < length; at++) {
    const word = load<i32>(sentence + (<usize>at << 2));
    const random = takeRandom(state, cbow ? 1 + negative : 1, seedLo, seedHi);
    const reach = window - below(load<u32>(random), window);
    const from = max(0, at - reach);
    const end = min(length - 1, at + reach);
    if (from == end) continue;
    if (cbow) {
      clear(sum, width);
      let count = 0;
      for (let i = from; i <= end; i++)
        if (i != at) count += addWord(sum, load<i32>(sentence + (<usize>i << 2)), input, rows, starts, width);
      average(sum, width, count);
      learn(error, sum, word, output, width, noise, words, random + 4, negative, rate, targets, gains);
      for (let i = from; i <= end; i++)
        if (i != at) moveWord(load<i32>(sentence + (<usize>i << 2)), error, input, rows, starts, width);
      continue;
    }
    for (let i = from; i <= end; i++) {
      if (i == at) continue;
      const other = load<i32>(sentence + (<usize>i << 2));
      let hidden = input + <usize>other * (<usize>width << 2);
      if (starts) {
        hidden = sum;
        clear(sum, width);
        average(sum, width, addWord(sum, other, input, rows, starts, width));
      }
      const drawn = takeRandom(state, negative, seedLo, seedHi);
      learn(error, hidden, word, output, width, noise, words, drawn, negative, rate, targets, gains);
      moveWord(other, error, input, rows, starts, width);
    }
  }
}

/**
 * Trains input[rows, width] and output[words, width] (float32, width a multiple of 4) on tokens[n]: int32 words, -1 where a
 * sentence ends. What follows the last end, up to 1,000 words, waits in `state` (`wordStateBytes`, zeros at first) for the
 * next call; so calls may cut a text anywhere, with the same result.
 *
 * keep[words] (uint32; 0: all are kept) bounds the random word with which one is kept; noise[words, 2] is the alias table: a
 * bound of the random fraction, and the word beyond it. Where `starts` is not 0, the input of a word is the mean of
 * input's rows rows[starts[word] … starts[word + 1]), else the row of its number. cbow: the mean of the words around predicts
 * a word; else each of them does. scratch: `trainWordsScratchBytes`. negative is at most 1,000. Accumulates; no aliasing.
 */
export function trainWords(
  state: usize, tokens: usize, n: i32, input: usize, output: usize, width: i32, words: i32, keep: usize, noise: usize,
  rows: usize, starts: usize, scratch: usize, cbow: bool, window: i32, negative: i32, rate: f32, seedLo: i32, seedHi: i32,
): void {
  assertAligned(scratch);
  if (!ASC_NO_ASSERT) assert(width > 0 && (width & 3) == 0, "width is no multiple of 4");
  if (!ASC_NO_ASSERT) assert(window > 0 && negative >= 0 && negative < RANDOM_WORDS, "more noise than random words");
  const sentence = sentenceOf(state);
  for (let i = 0; i < n; i++) {
    const word = load<i32>(tokens + (<usize>i << 2));
    if (!ASC_NO_ASSERT) assert(word >= -1 && word < words, "no such word");
    let length = load<i32>(state);
    if (word >= 0) {
      if (keep && load<u32>(takeRandom(state, 1, seedLo, seedHi)) > load<u32>(keep + (<usize>word << 2))) continue;
      store<i32>(sentence + (<usize>length << 2), word);
      store<i32>(state, ++length);
      if (length < LONGEST_SENTENCE) continue;
    }
    trainSentence(
      state, input, output, width, words, noise, rows, starts, scratch, cbow, window, negative, rate, seedLo, seedHi,
    );
  }
}
