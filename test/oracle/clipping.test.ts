// Gradient clipping against PyTorch.
import { describe, expect, it } from "vitest";
import { clipGradNorm, clipGradValue, Parameter, scope, tensor, zeros } from "../../src/index.js";
import { expectClose } from "../helpers/expect-close.js";
import { casesOf, oracleCases, type OracleCase } from "../helpers/oracle.js";

const cases = oracleCases("clipping");
const named = <Options>(op: string) =>
  casesOf<Options>(cases, op).map((each) => [each.name, each] as const);

/** Parameters whose gradients are the inputs of the case. */
function withGradients(oracle: OracleCase<unknown>): Parameter[] {
  return oracle.names("in").map((name) => {
    const { data, shape } = oracle.constant("in", name);
    const parameter = new Parameter(zeros(shape));
    scope(() =>
      parameter
        .mul(tensor(data as Float32Array, { shape }))
        .sum()
        .backward(),
    );
    return parameter;
  });
}

function expectGradients(oracle: OracleCase<unknown>, parameters: Parameter[]): void {
  parameters.forEach((parameter, i) => {
    oracle.expect("out", String(i), parameter.grad!);
    parameter.dispose();
  });
}

describe("clipGradNorm", () => {
  it.each(named<{ maxNorm: number; normType?: number }>("clipGradNorm"))("%s", (_, oracle) => {
    const parameters = withGradients(oracle);
    // JSON has no Infinity.
    const { maxNorm, normType = 2 } = oracle.options;
    const norm = clipGradNorm(parameters, maxNorm, { normType: Number(normType) });
    expectClose([norm], oracle.constant("out", "norm").data, oracle.tolerance("out", "norm"));
    expectGradients(oracle, parameters);
  });

  it("leaves gradients below the limit as they are, to the bit", () => {
    const [, oracle] = named<{ maxNorm: number }>("clipGradNorm")[1]!;
    const parameters = withGradients(oracle);
    const before = parameters.map((each) => each.grad!.data());
    clipGradNorm(parameters, 1000);
    expect(parameters.map((each) => each.grad!.data())).toEqual(before);
    for (const parameter of parameters) parameter.dispose();
  });
});

describe("clipGradValue", () => {
  it.each(named<{ clipValue: number }>("clipGradValue"))("%s", (_, oracle) => {
    const parameters = withGradients(oracle);
    clipGradValue(parameters, oracle.options.clipValue);
    expectGradients(oracle, parameters);
  });
});
