/**
 * Counts tokens as they come: the vocabulary of a stream needs no more of it.
 *
 * @returns how many there were
 */
export function tally<Token extends string>(
  counts: Map<Token, number>,
  tokens: Iterable<Token>,
): number {
  let length = 0;
  for (const token of tokens) {
    length++;
    const count = counts.get(token);
    counts.set(count === undefined ? ownCopy(token) : token, (count ?? 0) + 1);
  }
  return length;
}

/**
 * A string that holds on to nothing. Engines keep a piece of a long text as a reference into it: a word would keep the
 * whole chunk of the file that it was read from.
 */
function ownCopy<Token extends string>(token: Token): Token {
  return ` ${token}`.slice(1) as Token;
}
