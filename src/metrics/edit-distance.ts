// How many changes make one sequence of another (Levenshtein 1966).
import { checkCall } from "../core/check.js";

export interface EditCounts {
  /** The fewest changes: substitutions, insertions and deletions together. */
  readonly edits: number;
  /** Items in place of others. */
  readonly substitutions: number;
  /** Items that the target does not have. */
  readonly insertions: number;
  /** Items of the target that are missing. */
  readonly deletions: number;
  /** Items of the target that are there. */
  readonly hits: number;
}

/**
 * The fewest substitutions, insertions and deletions between a target and what is predicted; items are compared by `===`.
 * Where several ways need as few, the counts of each kind are those of rapidfuzz, by which jiwer counts.
 *
 * @example
 * ```ts
 * editDistance([..."sitting"], [..."kitten"]); // { edits: 3, substitutions: 2, insertions: 1, deletions: 0, hits: 4 }
 * ```
 */
export function editDistance<Item extends string | number>(
  predicted: ArrayLike<Item>,
  target: ArrayLike<Item>,
): EditCounts {
  checkCall("editDistance", arguments, "predicted:list target:list");
  const ids = new Map<Item, number>();
  const idOf = (item: Item): number => {
    const id = ids.get(item) ?? ids.size;
    ids.set(item, id);
    return id;
  };
  return editCounts(Int32Array.from(predicted, idOf), Int32Array.from(target, idOf));
}

/** {@link editDistance} of numbers. */
export function editCounts(predicted: Int32Array, target: Int32Array): EditCounts {
  const shorter = Math.min(predicted.length, target.length);
  let same = 0;
  while (same < shorter && predicted[same] === target[same]) same++;
  let sameAtEnd = 0;
  while (sameAtEnd < shorter - same && predicted.at(-1 - sameAtEnd) === target.at(-1 - sameAtEnd))
    sameAtEnd++;
  const { edits, deletions } = between(
    predicted.subarray(same, predicted.length - sameAtEnd),
    target.subarray(same, target.length - sameAtEnd),
  );
  const insertions = predicted.length - target.length + deletions;
  const substitutions = edits - insertions - deletions;
  const hits = target.length - deletions - substitutions;
  return { edits, substitutions, insertions, deletions, hits };
}

/** Row by row over what is predicted; with each distance go the deletions on the way that it is reached by. */
function between(predicted: Int32Array, target: Int32Array): { edits: number; deletions: number } {
  const width = target.length;
  const distances = Int32Array.from({ length: width + 1 }, (_, j) => j);
  const deletions = distances.slice();
  for (let i = 0; i < predicted.length; i++) {
    const item = predicted[i]!;
    // Of the row above: one to the left, then the one itself.
    let diagonal = distances[0]!;
    let diagonalDeletions = deletions[0]!;
    let left = i + 1;
    let leftDeletions = 0;
    distances[0] = left;
    deletions[0] = 0;
    for (let j = 1; j <= width; j++) {
      const above = distances[j]!;
      const aboveDeletions = deletions[j]!;
      const replaced = diagonal + (item === target[j - 1] ? 0 : 1);
      const distance = Math.min(replaced, above + 1, left + 1);
      // Of ways that are equally short: a deletion first; an insertion only where the row above is lower here than before.
      const ofWay =
        distance === left + 1
          ? leftDeletions + 1
          : above < diagonal
            ? aboveDeletions
            : diagonalDeletions;
      diagonal = above;
      diagonalDeletions = aboveDeletions;
      distances[j] = left = distance;
      deletions[j] = leftDeletions = ofWay;
    }
  }
  return { edits: distances[width]!, deletions: deletions[width]! };
}
