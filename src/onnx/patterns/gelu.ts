// GELU by the error function or by tanh, in the orders that exporters write.
import type { GraphNode } from "../node.js";
import { attribute, either, type Found, type Readers } from "./readers.js";

const near = (x: number | undefined, right: number): boolean =>
  x !== undefined && Math.abs(x - right) < 1e-6 * Math.abs(right);

/** x · (1 + erf(x / √2)) / 2, in either of the orders that exporters write. */
export function gelu(last: GraphNode, find: Readers): Found | undefined {
  if (last.opType !== "Mul") return undefined;
  return either(last, (inner, half) => {
    const product = near(find.number(half), 0.5) ? find.giver(inner, "Mul") : undefined;
    const halved = product && either(product, (x, curve) => geluOf(x, curve, find));
    if (halved) return halved;
    // (x / 2) · (1 + …)
    const scaled = find.giver(inner, "Mul");
    return (
      scaled &&
      either(scaled, (x, by) => (near(find.number(by), 0.5) ? geluOf(x, half, find) : undefined))
    );
  });
}

function geluOf(x: number, curve: number, find: Readers): Found | undefined {
  const sum = find.giver(curve, "Add");
  return (
    sum &&
    either(sum, (shaped, one) => {
      if (find.number(one) !== 1) return undefined;
      const erf = find.giver(shaped, "Erf");
      const tanh = find.giver(shaped, "Tanh");
      const read = erf ?? tanh;
      if (!read) return undefined;
      const fits = erf
        ? isOverRoot(erf.inputs[0]!, x, find)
        : isPolynomial(tanh!.inputs[0]!, x, find);
      if (!fits) return undefined;
      const approximate = new TextEncoder().encode(erf ? "none" : "tanh");
      return {
        opType: "Gelu",
        inputs: [x],
        attributes: [attribute("approximate", { s: approximate })],
      };
    })
  );
}

/** x / √2 */
function isOverRoot(slot: number, x: number, find: Readers): boolean {
  const quotient = find.giver(slot, "Div");
  if (quotient)
    return quotient.inputs[0] === x && near(find.number(quotient.inputs[1]!), Math.SQRT2);
  const product = find.giver(slot, "Mul");
  return (
    product !== undefined &&
    either(
      product,
      (own, by) => (own === x && near(find.number(by), Math.SQRT1_2)) || undefined,
    ) === true
  );
}

/** √(2 / π) · (x + 0.044715 · x³) */
function isPolynomial(slot: number, x: number, find: Readers): boolean {
  const whole = find.giver(slot, "Mul");
  return (
    whole !== undefined &&
    either(whole, (inner, by) => {
      const sum = near(find.number(by), 0.7978845608028654) ? find.giver(inner, "Add") : undefined;
      return (
        sum &&
        either(sum, (own, bent) => {
          const scaled = own === x ? find.giver(bent, "Mul") : undefined;
          return (
            scaled &&
            either(
              scaled,
              (cube, small) =>
                (near(find.number(small), 0.044715) && isCube(cube, x, find)) || undefined,
            )
          );
        })
      );
    }) === true
  );
}

function isCube(slot: number, x: number, find: Readers): boolean {
  const power = find.giver(slot, "Pow");
  if (power) return power.inputs[0] === x && find.number(power.inputs[1]!) === 3;
  const product = find.giver(slot, "Mul");
  return (
    product !== undefined &&
    either(product, (square, own) => {
      const both = own === x ? find.giver(square, "Mul") : undefined;
      return (both?.inputs[0] === x && both.inputs[1] === x) || undefined;
    }) === true
  );
}
