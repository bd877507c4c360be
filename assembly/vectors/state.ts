// What a training of word vectors carries from call to call: the sentence that is being read, and the random words that
// were made and are not used yet. Zeros are a fresh one.
import { bitsFill } from "../ops/random";

/** Words of a sentence at most, after subsampling: a longer one is cut, as word2vec.c has it. */
export const LONGEST_SENTENCE = 1000;
/** Random words made at a time. */
export const RANDOM_WORDS = 1024;

/** Byte 0: words of the sentence; 4: random words that are left; 8: the counter's next block, 64 bits. */
const LEFT = 4;
const COUNTER = 8;
const RANDOM = 64;
const SENTENCE: usize = RANDOM + (RANDOM_WORDS << 2);
const BYTES: usize = SENTENCE + (LONGEST_SENTENCE << 2);

/** Bytes of the state of `trainWords`. */
export function wordStateBytes(): usize {
  return BYTES;
}

// @ts-ignore: decorator
@inline
export function sentenceOf(state: usize): usize {
  return state + SENTENCE;
}

/**
 * The address of the next `count` random words, at most RANDOM_WORDS. Where fewer are left, these are dropped, so that none
 * is asked for one by one.
 */
// @ts-ignore: decorator
@inline
export function takeRandom(state: usize, count: i32, seedLo: i32, seedHi: i32): usize {
  let left = load<i32>(state, LEFT);
  if (left < count) {
    const block = load<u64>(state, COUNTER);
    bitsFill(state + RANDOM, RANDOM_WORDS, seedLo, seedHi, <i32>block, <i32>(block >> 32));
    store<u64>(state, block + RANDOM_WORDS / 4, COUNTER);
    left = RANDOM_WORDS;
  }
  store<i32>(state, left - count, LEFT);
  return state + RANDOM + (<usize>(RANDOM_WORDS - left) << 2);
}
