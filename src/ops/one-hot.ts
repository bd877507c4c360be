import { checkCall, checkCount } from "../core/check.js";
import { tensor } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";
import { badIndex } from "./bad-index.js";
import { requireInt } from "./check.js";

/**
 * Rows with a 1 at each id and 0 elsewhere: int32 `[…, classes]`, as PyTorch; `to("float32")` makes it an
 * input.
 *
 * @param ids int32 `[…]`
 * @throws IndexError for an id outside 0..classes-1, with its place
 */
export function oneHot(ids: Tensor<"int32">, classes: number): Tensor<"int32"> {
  checkCall("oneHot", arguments, "ids:tensor classes:number");
  requireInt("oneHot", "ids", ids);
  checkCount("oneHot", "classes", classes);
  const rows = new Int32Array(ids.size * classes);
  ids.data().forEach((id, i) => {
    if (id < 0 || id >= classes) throw badIndex("oneHot", `ids from 0 to ${classes - 1}`, ids, i);
    rows[i * classes + id] = 1;
  });
  return tensor(rows, { shape: [...ids.shape, classes] });
}
