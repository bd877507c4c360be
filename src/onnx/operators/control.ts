// Operators that run graphs of their own.
import { ShapeError } from "../../core/errors.js";
import { formatShape, sameShape } from "../../core/shape.js";
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

function loop(inputs: Inputs, node: GraphNode, run: Run): Value[] {
  const body = node.graph("body");
  const most = inputs.has(0) ? inputs.number(0) : Infinity;
  let goesOn = inputs.has(1) ? inputs.number(1) !== 0 : true;
  let carried = inputs.values.slice(2).map((_, i) => inputs.at(i + 2));
  const kept: Value[][] = body.outputs.slice(1 + carried.length).map(() => []);
  for (let i = 0; i < most && goesOn; i++) {
    if (i === LONGEST)
      throw new ShapeError({
        op: String(node),
        expected: `an end within ${LONGEST} rounds`,
        got: "none",
      });
    const round = new Host("int64", [], [i]);
    const condition = new Host("bool", [], [1]);
    const [next, ...made] = run.nested(body, [round, condition, ...carried]);
    goesOn = (next instanceof Host ? next.data[0] : next!.item()) !== 0;
    carried = made.slice(0, carried.length);
    kept.forEach((rounds, k) => rounds.push(made[carried.length + k]!));
    made.slice(carried.length).forEach(({ shape }) => asked(String(node), [i + 1, ...shape]));
  }
  return [...carried, ...kept.map((rounds) => collected(rounds, node))];
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
