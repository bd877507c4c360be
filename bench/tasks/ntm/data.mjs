// The copy, repeat-copy and recall tasks of Graves, Wayne & Danihelka (2014), section 4. A sequence is made of its seed and
// number alone, so that a resumed run reads what an uninterrupted one would.

/** Numbers in [0, 1): the mixing function of splitmix32 over a counter. */
function generator(seed, number) {
  let state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b)) >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let x = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    return ((x ^ (x >>> 15)) >>> 0) / 4294967296;
  };
}

const between = (random, [low, high]) => low + Math.floor(random() * (high - low + 1));
const bits = (random, rows, columns) =>
  Array.from({ length: rows }, () => Array.from({ length: columns }, () => +(random() < 0.5)));
const zeros = (rows, columns) => Array.from({ length: rows }, () => Array(columns).fill(0));

/**
 * Each task: the sizes of its input and output, and `make(random, range)`, an example whose answer is asked at the last
 * `target.length` steps of `input`; `range` are the ranges of what varies, `trained` those of training.
 */
export const TASKS = {
  copy: {
    inputSize: 9,
    outputSize: 8,
    trained: { length: [1, 20] },
    make(random, { length }) {
      const target = bits(random, between(random, length), 8);
      const given = target.map((row) => [...row, 0]);
      const mark = [[0, 0, 0, 0, 0, 0, 0, 0, 1]];
      return { input: [...given, ...mark, ...zeros(target.length, 9)], target };
    },
  },
  repeatCopy: {
    inputSize: 10,
    outputSize: 9,
    trained: { length: [1, 10], repeats: [1, 10] },
    make(random, { length, repeats }) {
      const rows = bits(random, between(random, length), 8);
      const count = between(random, repeats);
      // Of mean 0 and variance 1 over 1 to 10.
      const told = (count - 5.5) / Math.sqrt(99 / 12);
      const given = rows.map((row) => [...row, 0, 0]);
      const marks = [
        [0, 0, 0, 0, 0, 0, 0, 0, 1, 0],
        [0, 0, 0, 0, 0, 0, 0, 0, 0, told],
      ];
      const copies = Array.from({ length: count }, () => rows.map((row) => [...row, 0])).flat();
      const target = [...copies, [0, 0, 0, 0, 0, 0, 0, 0, 1]];
      return { input: [...given, ...marks, ...zeros(target.length, 10)], target };
    },
  },
  recall: {
    inputSize: 8,
    outputSize: 6,
    trained: { items: [2, 6] },
    make(random, { items }) {
      const count = between(random, items);
      const all = Array.from({ length: count }, () => bits(random, 3, 6));
      const asked = between(random, [0, count - 2]);
      const mark = (first, second) => [0, 0, 0, 0, 0, 0, first, second];
      const rows = (item) => item.map((row) => [...row, 0, 0]);
      const given = all.flatMap((item) => [mark(1, 0), ...rows(item)]);
      const query = [mark(0, 1), ...rows(all[asked]), mark(0, 1)];
      return { input: [...given, ...query, ...zeros(3, 8)], target: all[asked + 1] };
    },
  },
};

/** Example `number` of a task. */
export function example(task, seed, number, range = task.trained) {
  return task.make(generator(seed, number), range);
}
