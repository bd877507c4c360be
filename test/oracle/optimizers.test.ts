// Optimizers over ten steps of given gradients, against PyTorch.
import { describe, it } from "vitest";
import { Adam, AdamW, embedding, Parameter, SGD, scope, tensor } from "../../src/index.js";
import { Adagrad, RMSprop, SparseAdam } from "../../src/optim/index.js";
import { expectClose } from "../helpers/expect-close.js";
import { oracleCases, casesOf, type OracleCase } from "../helpers/oracle.js";

const cases = oracleCases("optimizers");

interface Optimizer {
  step(): void;
  zeroGrad(): void;
}
type OptimizerClass = new (parameters: object[], options: object) => Optimizer;

/** What a case says beside the optimizer's options. */
interface Options {
  /** Names of parameters, and options of their own. */
  groups?: { params: string[] }[];
  /** The steps in which a parameter has no gradient. */
  skipped?: Record<string, number[]>;
}

describe.each([
  ["SGD", SGD],
  ["Adam", Adam],
  ["AdamW", AdamW],
  ["RMSprop", RMSprop],
  ["Adagrad", Adagrad],
] as unknown as [string, OptimizerClass][])("%s", (kind, Kind) => {
  it.each(casesOf(cases, kind).map((each) => [each.name, each] as const))("%s", (_, oracle) => {
    const names = oracle.names("in").filter((name) => !name.endsWith(".grad"));
    const parameters = names.map((name) => {
      const { data, shape } = oracle.constant("in", name);
      return new Parameter(tensor(data as Float32Array, { shape }));
    });
    const { groups, skipped, ...options } = oracle.options as Options;
    const optimizer = new Kind(
      groups?.map(({ params, ...own }) => ({
        params: params.map((name) => parameters[names.indexOf(name)]!),
        ...own,
      })) ?? parameters,
      options,
    );
    const steps = oracle.constant("out", names[0]!).shape[0]!;
    for (let step = 0; step < steps; step++) {
      optimizer.zeroGrad();
      names.forEach((name, i) => {
        if (!skipped?.[name]?.includes(step)) giveGradient(parameters[i]!, oracle, name, step);
      });
      optimizer.step();
      names.forEach((name, i) => expectParameter(parameters[i]!, oracle, name, step));
    }
    for (const parameter of parameters) parameter.dispose();
  });
});

describe("SparseAdam", () => {
  it.each(casesOf(cases, "SparseAdam").map((each) => [each.name, each] as const))(
    "%s",
    (_, oracle) => {
      const { paddingIdx = -1, ...options } = oracle.options as { paddingIdx?: number };
      const [start, ids, dy] = ["table", "ids", "dy"].map((name) => oracle.constant("in", name));
      const table = new Parameter(tensor(start!.data as Float32Array, { shape: start!.shape }));
      const optimizer = new SparseAdam([table], options);
      const [steps, n, width] = dy!.shape as [number, number, number];
      for (let step = 0; step < steps; step++) {
        optimizer.zeroGrad();
        scope(() => {
          const row = (ids!.data as Int32Array).slice(step * n, (step + 1) * n);
          const incoming = (dy!.data as Float32Array).slice(
            step * n * width,
            (step + 1) * n * width,
          );
          const rows = embedding(tensor(row), table, paddingIdx);
          rows.backward(tensor(incoming, { shape: [n, width] }));
        });
        optimizer.step();
        expectParameter(table, oracle, "table", step);
      }
      optimizer.dispose();
      table.dispose();
    },
  );
});

/** The derivative of sum(parameter · g) is g, exactly. */
function giveGradient(parameter: Parameter, oracle: OracleCase, name: string, step: number): void {
  const all = oracle.constant("in", `${name}.grad`).data as Float32Array;
  const gradient = all.slice(step * parameter.size, (step + 1) * parameter.size);
  scope(() =>
    parameter
      .mul(tensor(gradient, { shape: parameter.shape }))
      .sum()
      .backward(),
  );
}

function expectParameter(
  parameter: Parameter,
  oracle: OracleCase,
  name: string,
  step: number,
): void {
  const all = oracle.constant("out", name).data as Float32Array;
  const expected = all.subarray(step * parameter.size, (step + 1) * parameter.size);
  expectClose(
    parameter.data(),
    expected,
    oracle.tolerance("out", name),
    `${oracle.name} ${name} after ${step + 1}`,
  );
}
