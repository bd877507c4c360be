// The decoder over whole targets against its own steps, which are composed of other operations.
import { describe, expect, it } from "vitest";
import { scope, type Tensor } from "../../../src/index.js";
import type { DecoderForwardOptions, RecurrentDecoder } from "../../../src/nn/index.js";
import { expectClose } from "../../helpers/expect-close.js";
import { FORMS, made, nameOf, SIZES, zeroState, type Given } from "./forms.js";
import { composedForward } from "./twin.js";

interface Result {
  readonly output: Tensor;
  readonly weights?: Tensor;
  readonly state: object;
}

type Run = (decoder: RecurrentDecoder, x: Tensor, options: DecoderForwardOptions) => Result;

const fused: Run = (decoder, x, options) =>
  decoder.forward(x, { ...options, needWeights: Boolean(options.memory) });
const composed: Run = (decoder, x, options) =>
  composedForward(decoder, x, options, (batch) => zeroState(decoder, batch));

/** Every output, and the gradient of a weighted sum of them by everything, as plain numbers. */
function numbersOf(
  run: Run,
  decoder: RecurrentDecoder,
  { x, keys, encoding, state }: Given,
  lengths: readonly number[] | undefined,
): Map<string, Float32Array> {
  const leaves: [string, Tensor | undefined][] = [
    ...Object.entries({ x, keys, encoding, ...state }),
    ...decoder.namedParameters(),
  ];
  for (const [, leaf] of leaves) leaf?.zeroGrad();
  return scope(() => {
    const memory = keys && decoder.memory(keys, { lengths: [SIZES.keys, 2, 4] });
    const {
      output,
      weights,
      state: final,
    } = run(decoder, x, {
      ...{ memory, encoding, state: state as never },
      lengths,
    });
    const outputs = { output, ...(memory ? { weights } : {}), ...final } as Record<string, Tensor>;
    const terms = Object.values(outputs).map((y, i) =>
      y
        .mul(y)
        .mul(0.3 + 0.1 * i)
        .sum(),
    );
    terms.reduce((a, b) => a.add(b)).backward();
    const numbers = Object.entries(outputs).map(([name, y]) => [name, y.data()] as const);
    const gradients = leaves
      .filter(([, leaf]) => leaf)
      .map(([name, leaf]) => [`gradient of ${name}`, leaf!.grad!.data()] as const);
    return new Map([...numbers, ...gradients]);
  });
}

describe.each(FORMS.map((form) => [nameOf(form), form] as const))("%s", (_, form) => {
  it.each([
    ["whole rows", undefined],
    ["lengths", [SIZES.time, 2, 0]],
  ] as const)("over a target gives what its steps give: %s", (_lengths, lengths) => {
    const { decoder, given } = made(form);
    const expected = numbersOf(composed, decoder, given, lengths);
    const got = numbersOf(fused, decoder, given, lengths);
    expect([...got.keys()]).toEqual([...expected.keys()]);
    for (const [name, values] of got)
      expectClose(values, expected.get(name)!, { absolute: 2e-5, relative: 2e-5 }, name);
  });
});
