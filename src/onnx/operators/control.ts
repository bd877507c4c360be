// Operators that run graphs of their own.
import { ShapeError } from "../../core/errors.js";
import { formatShape, sameShape } from "../../core/shape.js";
import { clone } from "../../ops/convert.js";
import { Buffer } from "../../tensor/parameter.js";
import { scopeReturning } from "../../tensor/scope.js";
import { Tensor } from "../../tensor/tensor.js";
import type { GraphNode } from "../node.js";
import type { Inputs, Operator } from "../operator.js";
import type { Run } from "../run.js";
import { asked, Host, type Value } from "../value.js";
import { joined, reshaped } from "./shapes.js";

/** More steps than this are a loop that does not end. */
const LONGEST = 1_000_000;

/** Values of each round side by side, on a first axis of their own. */
function collected(rounds: readonly Value[], node: GraphNode): Value {
  const [first] = rounds;
  if (!first) return new Host("float", [0], []);
  for (const { shape } of rounds)
    if (!sameShape(shape, first.shape))
      throw new ShapeError({
        op: String(node),
        expected: `the same shape in each round, ${formatShape(first.shape)}`,
        got: formatShape(shape),
      });
  return joined(
    rounds.map((each) => reshaped(each, [1, ...each.shape])),
    0,
  );
}

/**
 * What a round makes, copied to the heap, so that all else of the round goes with it: memory does not grow by the rounds. Where a
 * graph is recorded, all of it stays.
 *
 * @param owned gets the copies
 */
function roundOf(compute: () => Value[], owned: Set<Value>): Value[] {
  const isRecorded = (each: Value): boolean => each instanceof Tensor && each.requiresGrad;
  return scopeReturning(
    () => {
      const made = compute();
      if (made.some(isRecorded)) {
        // The graph may read those of rounds before.
        owned.clear();
        return made;
      }
      return made.map((each) => {
        if (each instanceof Host) return each;
        const copy = new Buffer(each);
        owned.add(copy);
        return copy;
      });
    },
    (made) => (made.some(isRecorded) ? made.filter((each) => each instanceof Tensor) : []),
  );
}

function loop(inputs: Inputs, node: GraphNode, run: Run): Value[] {
  const body = node.graph("body");
  const most = inputs.has(0) ? inputs.number(0) : Infinity;
  let goesOn = inputs.has(1) ? inputs.number(1) !== 0 : true;
  let carried = inputs.values.slice(2).map((_, i) => inputs.at(i + 2));
  const kept: Value[][] = body.outputs.slice(1 + carried.length).map(() => []);
  const owned = new Set<Value>();
  const release = (each: Value): void => {
    if (owned.delete(each)) (each as Tensor).dispose();
  };
  try {
    for (let i = 0; i < most && goesOn; i++) {
      if (i === LONGEST)
        throw new ShapeError({
          op: String(node),
          expected: `an end within ${LONGEST} rounds`,
          got: "none",
        });
      const given = [new Host("int64", [], [i]), new Host("bool", [], [1]), ...carried];
      const [next, ...made] = roundOf(() => run.nested(body, given), owned);
      goesOn = (next instanceof Host ? next.data[0] : next!.item()) !== 0;
      [next!, ...carried].forEach(release);
      carried = made.slice(0, carried.length);
      kept.forEach((rounds, k) => rounds.push(made[carried.length + k]!));
      made.slice(carried.length).forEach(({ shape }) => asked(String(node), [i + 1, ...shape]));
    }
    const last = carried.map((each) => (owned.has(each) ? clone(each as Tensor) : each));
    return [...last, ...kept.map((rounds) => collected(rounds, node))];
  } finally {
    owned.forEach(release);
  }
}

export const control: Readonly<Record<string, Operator>> = {
  If: {
    inputs: [1, 1],
    attributes: "then_branch else_branch",
    late: true,
    run: (inputs, node, run) =>
      run.nested(node.graph(inputs.number(0) !== 0 ? "then_branch" : "else_branch"), []),
  },
  Loop: { inputs: [2, Infinity], attributes: "body", late: true, run: loop },
};
