// Sums of products by the names of axes, by permutations and one matrix product.
import { checkCall } from "../core/check.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { formatShape, sizeOf } from "../core/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { requireFloat } from "./check.js";
import { expand } from "./expand.js";
import { matmul } from "./matmul.js";
import { permute } from "./permute.js";
import { sum } from "./reduce.js";
import { reshape } from "./reshape.js";

/** A tensor and the names of its axes. */
interface Named {
  readonly x: Tensor;
  readonly names: readonly string[];
}

/**
 * Einstein's sum over one tensor or two: letters name axes, and what is missing behind the arrow is summed over.
 *
 * ```ts
 * einsum("bqd,bkd->bqk", queries, keys)
 * ```
 *
 * Without an arrow the result has the letters that come once, in alphabetical order, as in PyTorch.
 *
 * @param equation letters for each tensor's axes, a comma between two tensors, and `->` with those of the result
 * @throws OptionError for an equation that cannot be read, a letter twice in one tensor, or another number of tensors;
 *   ShapeError for axes that do not fit; DTypeError for int32
 */
export function einsum(equation: string, ...tensors: readonly Tensor[]): Tensor {
  const signature = `equation:string ${tensors.map((_, i) => `tensors[${i}]:tensor`).join(" ")}`;
  checkCall("einsum", arguments, signature);
  requireFloat("einsum", ...tensors);
  const { operands, result } = parse(equation, tensors.length);
  const sizes = new Map<string, number>();
  const [a, b] = operands.map((names, i): Named => {
    const { shape } = tensors[i]!;
    if (names.length !== shape.length)
      throw new ShapeError({
        op: "einsum",
        expected: `${names.length} axes for "${names.join("")}"`,
        got: formatShape(shape),
      });
    names.forEach((name, axis) => noteSize(sizes, name, shape[axis]!));
    return { x: tensors[i]!, names };
  }) as [Named, Named?];
  // Sizes of 1 broadcast, as in PyTorch.
  const whole = [a, b].filter((each) => each !== undefined).map((each) => widened(each, sizes));
  const [first, second] = whole as [Named, Named?];
  const product = second ? contracted(first, second, result) : first;
  return arranged(summed(product, result), result);
}

function parse(
  equation: string,
  count: number,
): { operands: (readonly string[])[]; result: readonly string[] } {
  const refuse = (expected: string, got: string, cure?: string): never => {
    throw new OptionError({ op: "einsum", expected, got, cure });
  };
  const compact = equation.replaceAll(" ", "");
  if (!/^[A-Za-z]*(,[A-Za-z]*)*(->[A-Za-z]*)?$/.test(compact))
    refuse('letters for axes, as in "ij,jk->ik"', JSON.stringify(equation));
  const [left, right] = compact.split("->") as [string, string | undefined];
  const operands = left.split(",").map((names) => [...names]);
  if (operands.length !== count) refuse(`${operands.length} tensors for "${left}"`, String(count));
  if (count > 2)
    refuse(
      "one tensor or two",
      String(count),
      "Call it once for each pair, the smallest product first.",
    );
  for (const names of operands) {
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined)
      refuse(
        "each letter once in a tensor",
        `"${twice}" twice in "${names.join("")}"`,
        "Take the diagonal first, diag(x) of a matrix.",
      );
  }
  const all = operands.flat();
  const once = all.filter((name) => all.indexOf(name) === all.lastIndexOf(name)).sort();
  const result = right === undefined ? once : [...right];
  result.forEach((name, i) => {
    if (!all.includes(name) || result.indexOf(name) !== i)
      refuse("letters of the tensors, each once, behind the arrow", `"${right}"`);
  });
  return { operands, result };
}

function noteSize(sizes: Map<string, number>, name: string, size: number): void {
  const known = sizes.get(name) ?? 1;
  if (known !== 1 && size !== 1 && known !== size)
    throw new ShapeError({
      op: "einsum",
      expected: `one size for "${name}"`,
      got: `${known} and ${size}`,
    });
  sizes.set(name, known === 1 ? size : known);
}

function widened({ x, names }: Named, sizes: ReadonlyMap<string, number>): Named {
  const shape = names.map((name) => sizes.get(name)!);
  return { x: shape.every((size, i) => size === x.shape[i]) ? x : expand(x, shape), names };
}

/** Without the axes that nothing else asks for. */
function summed({ x, names }: Named, wanted: readonly string[]): Named {
  const gone = names.flatMap((name, axis) => (wanted.includes(name) ? [] : [axis]));
  if (gone.length === 0) return { x, names };
  return { x: sum(x, gone), names: names.filter((name) => wanted.includes(name)) };
}

function arranged({ x, names }: Named, order: readonly string[]): Tensor {
  if (order.every((name, i) => name === names[i])) return x;
  return permute(
    x,
    order.map((name) => names.indexOf(name)),
  );
}

/** One batch of matrix products: shared axes that stay, then those of one tensor, then what is summed over. */
function contracted(left: Named, right: Named, result: readonly string[]): Named {
  const a = summed(left, [...right.names, ...result]);
  const b = summed(right, [...left.names, ...result]);
  const shared = a.names.filter((name) => b.names.includes(name));
  const batch = shared.filter((name) => result.includes(name));
  const inner = shared.filter((name) => !result.includes(name));
  const rows = a.names.filter((name) => !b.names.includes(name));
  const columns = b.names.filter((name) => !a.names.includes(name));
  const sizeIn =
    ({ x, names }: Named) =>
    (list: readonly string[]) =>
      list.map((name) => x.shape[names.indexOf(name)]!);
  const [ofA, ofB] = [sizeIn(a), sizeIn(b)];
  const [m, n, k] = [sizeOf(ofA(rows)), sizeOf(ofB(columns)), sizeOf(ofA(inner))];
  const count = sizeOf(ofA(batch));
  const product = matmul(
    reshape(arranged(a, [...batch, ...rows, ...inner]), [count, m, k]),
    reshape(arranged(b, [...batch, ...columns, ...inner]), [count, n, k]),
    { transposeB: true },
  );
  const names = [...batch, ...rows, ...columns];
  return { x: reshape(product, [...ofA(batch), ...ofA(rows), ...ofB(columns)]), names };
}
