// Texts cut where a pattern matches, and what becomes of the matches.

export const BEHAVIORS = [
  "Removed",
  "Isolated",
  "MergedWithPrevious",
  "MergedWithNext",
  "Contiguous",
] as const;

export type Behavior = (typeof BEHAVIORS)[number];

/** The pieces of a text; `invert` takes what stands between the matches for the matches. */
export function splitBy(
  text: string,
  pattern: RegExp,
  behavior: Behavior,
  invert = false,
): string[] {
  const parts: { text: string; matches: boolean }[] = [];
  const put = (start: number, end: number, matches: boolean) =>
    parts.push({ text: text.slice(start, end), matches: matches !== invert });
  let last = 0;
  for (const { 0: found, index } of text.matchAll(pattern)) {
    // A match of nothing cuts too, but not where one has just ended.
    if (found === "" && index === last && parts.length > 0) continue;
    if (index > last) put(last, index, false);
    last = index + found.length;
    put(index, last, true);
  }
  if (last < text.length) put(last, text.length, false);
  return joined(parts, behavior).filter((piece) => piece !== "");
}

function joined(
  parts: readonly { readonly text: string; readonly matches: boolean }[],
  behavior: Behavior,
): string[] {
  if (behavior === "Removed") return parts.filter((one) => !one.matches).map((one) => one.text);
  const pieces: string[] = [];
  parts.forEach(({ text, matches }, i) => {
    const before = parts[i - 1]?.matches;
    const joins =
      (behavior === "Contiguous" && before === matches) ||
      (behavior === "MergedWithPrevious" && matches && before === false) ||
      (behavior === "MergedWithNext" && !matches && before === true);
    if (joins) pieces[pieces.length - 1] += text;
    else pieces.push(text);
  });
  return pieces;
}
