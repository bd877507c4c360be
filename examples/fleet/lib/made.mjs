// Data that are made: reviews whose words say what they think, some of them denied.

const WORDS =
  "the a film plot actor was with and some very scene end music story it in of that role".split(
    " ",
  );
const PRAISE = ["good", "fine", "great", "lovely", "bright", "warm"];
const BLAME = ["bad", "dull", "awful", "poor", "flat", "cold"];

/**
 * Lines of text; labelled ones with their class behind a tab, below a header.
 *
 * @param {{ count: number, labelled?: boolean, seed: number }} options
 */
export function reviews({ count, labelled = false, seed }) {
  const below = generator(seed);
  const pick = (words) => words[below(words.length)];
  const lines = Array.from({ length: count }, () => {
    const good = below(2) === 1;
    const words = Array.from({ length: 6 + below(10) }, () => pick(WORDS));
    const say = (opinion, ...before) =>
      words.splice(below(words.length), 0, ...before, pick(opinion));
    // What is denied says the opposite: counting words does not suffice.
    if (below(3) === 0) say(good ? BLAME : PRAISE, "not");
    else say(good ? PRAISE : BLAME);
    return labelled ? `${words.join(" ")}\t${good ? "good" : "bad"}` : words.join(" ");
  });
  return `${labelled ? "text\tlabel\n" : ""}${lines.join("\n")}\n`;
}

/** Whole numbers from 0 to below n, by Lehmer's generator (Park and Miller 1988). @param {number} seed from 1 on */
export function generator(seed) {
  let state = seed;
  return (n) => (state = (state * 48271) % 2147483647) % n;
}
