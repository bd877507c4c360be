// The loop of conlleval as its author describes it: word by word, with a flag that says whether the span at hand
// is right so far. It knows nothing of lists of spans.

/** What {@link conlleval} counts for each type. */
export interface ConllCounts {
  correct: Record<string, number>;
  predicted: Record<string, number>;
  target: Record<string, number>;
}

interface Tag {
  letter: string;
  type: string;
}

const OUTSIDE: Tag = { letter: "O", type: "" };

function read(text: string): Tag {
  const dash = text.indexOf("-");
  return dash < 0
    ? { letter: text, type: "" }
    : { letter: text.slice(0, dash), type: text.slice(dash + 1) };
}

/** Pairs of letters between which a span of one type ends; the first row is the original's, as far as it goes. */
const ENDS = [
  ...["B B", "B O", "I B", "I O", "E E", "E I", "E O"],
  ...["E B", "E S", "S B", "S I", "S O", "S E", "S S", "B S", "I S"],
];
const STARTS = [
  ...["B B", "I B", "O B", "O I", "E E", "E I", "O E"],
  ...["E B", "S B", "S E", "S I", "B S", "I S", "E S", "O S", "S S"],
];

function ends(before: Tag, now: Tag): boolean {
  return (
    ENDS.includes(`${before.letter} ${now.letter}`) ||
    (before.letter !== "O" && before.type !== now.type)
  );
}

function starts(before: Tag, now: Tag): boolean {
  return (
    STARTS.includes(`${before.letter} ${now.letter}`) ||
    (now.letter !== "O" && before.type !== now.type)
  );
}

export function conlleval(
  predicted: readonly (readonly string[])[],
  target: readonly (readonly string[])[],
): ConllCounts {
  const counts: ConllCounts = { correct: {}, predicted: {}, target: {} };
  const add = (row: Record<string, number>, type: string) => (row[type] = (row[type] ?? 0) + 1);
  let [lastGuess, lastTrue] = [OUTSIDE, OUTSIDE];
  let right = false;
  const word = (guess: Tag, truth: Tag) => {
    const [trueEnds, guessEnds] = [ends(lastTrue, truth), ends(lastGuess, guess)];
    if (right) {
      if (trueEnds && guessEnds && lastGuess.type === lastTrue.type) {
        right = false;
        add(counts.correct, lastTrue.type);
      } else if (trueEnds !== guessEnds || guess.type !== truth.type) right = false;
    }
    const [trueStarts, guessStarts] = [starts(lastTrue, truth), starts(lastGuess, guess)];
    if (trueStarts && guessStarts && guess.type === truth.type) right = true;
    if (trueStarts) add(counts.target, truth.type);
    if (guessStarts) add(counts.predicted, guess.type);
    [lastGuess, lastTrue] = [guess, truth];
  };
  target.forEach((tags, sentence) => {
    tags.forEach((tag, i) => word(read(predicted[sentence]![i]!), read(tag)));
    word(OUTSIDE, OUTSIDE);
  });
  return counts;
}
