// The ids that an n-gram model counts or scores.
import { checkCall } from "../../core/check.js";
import { IndexError } from "../../core/errors.js";

/** A stream as one array. Its pieces are copied: who gives them may use them again. */
export async function joined(
  pieces: Iterable<Int32Array> | AsyncIterable<Int32Array>,
): Promise<Int32Array> {
  let ids = new Int32Array(1024);
  let length = 0;
  for await (const piece of pieces) {
    checkCall("NgramModel.build", [piece], "piece:Int32Array");
    const end = length + piece.length;
    if (end > ids.length) {
      const longer = new Int32Array(Math.max(end, 2 * ids.length));
      longer.set(ids.subarray(0, length));
      ids = longer;
    }
    ids.set(piece, length);
    length = end;
  }
  return ids.subarray(0, length);
}

/** Refuses ids outside the vocabulary. */
export function checkIds(op: string, ids: ArrayLike<number>, vocabularySize: number): void {
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i]!;
    if (!(Number.isInteger(id) && id >= 0 && id < vocabularySize))
      throw new IndexError({
        op,
        expected: `ids from 0 to ${vocabularySize - 1}`,
        got: `${id} at position ${i}`,
      });
  }
}
