// Recurrent decoders against PyTorch: outputs, weights, final states, every gradient.
import { describe, it } from "vitest";
import type { Tensor } from "../../src/index.js";
import { RecurrentDecoder, type RecurrentDecoderOptions } from "../../src/nn/index.js";
import { casesOf, oracleCases, type Constant } from "../helpers/oracle.js";
import { checkCase, withLayer } from "./check-case.js";

interface DecoderCase extends RecurrentDecoderOptions {
  lengths: number[] | null;
  attentionLengths: number[] | null;
}

const cases = casesOf<DecoderCase>(oracleCases("decoders"), "recurrentDecoder");

/** NaN past each row's length. */
function spoiled({ shape, dtype, data }: Constant, lengths: readonly number[]): Constant {
  const [, time, size] = shape as [number, number, number];
  const values = Float32Array.from(data);
  lengths.forEach((length, row) =>
    values.fill(NaN, (row * time + length) * size, (row + 1) * time * size),
  );
  return { shape, dtype, data: values };
}

describe("RecurrentDecoder", () => {
  it.each(cases.map((each) => [each.name, each] as const))("%s", (_, oracle) => {
    const { lengths, attentionLengths, ...options } = oracle.options;
    const [hidden, input] = [oracle.constant("in", "h").shape[2]!, oracle.constant("in", "x")];
    withLayer(new RecurrentDecoder(input.shape[2]!, hidden, options), (layer) =>
      checkCase(
        oracle,
        ({ x, keys, encoding, h, c, feed }) => {
          const memory =
            keys && layer.memory(keys, attentionLengths ? { lengths: attentionLengths } : {});
          const given = { memory, encoding, state: { h: h!, c, feed } };
          const { output, state, ...rest } = layer.forward(x!, {
            ...{ ...given, lengths: lengths ?? undefined, needWeights: Boolean(memory) },
          });
          const finals = Object.entries(state).map(([part, x]) => [`final ${part}`, x as Tensor]);
          return { output, ...rest, ...(Object.fromEntries(finals) as Record<string, Tensor>) };
        },
        {
          layer,
          prepare: (name, constant) => {
            if (name === "x" && lengths) return spoiled(constant, lengths);
            return name === "keys" && attentionLengths
              ? spoiled(constant, attentionLengths)
              : constant;
          },
        },
      ),
    );
  });
});
