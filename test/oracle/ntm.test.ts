// Neural Turing Machines against PyTorch: outputs, weightings, final states, every gradient.
import { describe, expect, it } from "vitest";
import { scope, sigmoid, tensor, type Tensor } from "../../src/index.js";
import { NTM, type NTMOptions, type NTMState } from "../../src/nn/index.js";
import { casesOf, oracleCases, type OracleCase } from "../helpers/oracle.js";
import { checkCase, withLayer } from "./check-case.js";

type NTMCase = NTMOptions & { lengths: number[] | null };

const all = oracleCases("ntm");
const cases = casesOf<NTMCase>(all, "ntm");
const named = casesOf<NTMOptions>(all, "ntmByOtherNames");

/** Sets parameters by name, and the memory at the start; where a state is given, those of the start are not asked for. */
function load(layer: NTM, oracle: OracleCase<unknown>): void {
  const asked = [...layer.namedParameters()].filter(
    ([name]) => !(oracle.has("in", "memory") && name.endsWith("_0")),
  );
  expect(asked.map(([name]) => name).sort()).toEqual([...oracle.names("param")].sort());
  for (const [name, parameter] of asked) parameter.set(oracle.constant("param", name).data);
  layer.cell.memory.set(oracle.constant("in", "start").data);
}

describe("NTM", () => {
  it.each(cases.map((each) => [each.name, each] as const))("%s", (_, oracle) => {
    const { lengths, ...options } = oracle.options;
    const { shape } = oracle.constant("in", "x");
    const outputs = oracle.constant("out", "output").shape[2]!;
    withLayer(new NTM(shape[2]!, outputs, options), (layer) => {
      load(layer, oracle);
      checkCase(
        oracle,
        ({ x, memory, reads, weights, h, c }) => {
          const state = memory && ({ memory, reads, weights, h, c } as NTMState);
          const {
            output,
            weights: trace,
            state: final,
          } = layer.forward(x!, { state, lengths: lengths ?? undefined, needWeights: true });
          const finals = Object.entries(final).map(([part, x]) => [`final ${part}`, x as Tensor]);
          return { output, trace, ...(Object.fromEntries(finals) as Record<string, Tensor>) };
        },
        {
          trained: layer,
          // What stands past a row's length must not matter.
          prepare: (name, constant) => {
            if (name !== "x" || !lengths) return constant;
            const [, time, size] = constant.shape as [number, number, number];
            const data = Float32Array.from(constant.data);
            lengths.forEach((length, row) =>
              data.fill(NaN, (row * time + length) * size, (row + 1) * time * size),
            );
            return { ...constant, data };
          },
        },
      );
    });
  });
});

/** The names of github.com/loudinthecloud/pytorch-ntm (docs/neural-turing-machine.md). */
const OTHER_NAMES: readonly (readonly [RegExp, string])[] = [
  [/^ntm\.controller\.lstm\.(\w+)$/, "cell.$1"],
  [/^ntm\.controller\.lstm_([hc])_bias$/, "cell.$1_0"],
  [/^ntm\.heads\.(\d+)\.fc_(?:read|write)\.(weight|bias)$/, "cell.heads.$1.$2"],
  [/^ntm\.memory\.mem_bias$/, "cell.memory"],
  [/^ntm\.fc\.(weight|bias)$/, "fc.$1"],
];

describe("weights by other names", () => {
  it.each(named.map((each) => [each.name, each] as const))("%s", (_, oracle) => {
    const x = oracle.constant("in", "x");
    const output = oracle.constant("out", "output");
    withLayer(new NTM(x.shape[2]!, output.shape[2]!, oracle.options), (layer) =>
      scope(() => {
        const state = new Map<string, Tensor>();
        const reads: number[] = [];
        for (const name of oracle.names("param")) {
          const { data, shape } = oracle.constant("param", name);
          const rule = OTHER_NAMES.find(([pattern]) => pattern.test(name));
          if (rule)
            state.set(
              name.replace(...rule),
              tensor(Float32Array.from(data), { shape: [...shape] }),
            );
          else reads.push(...data);
        }
        state.set("cell.r_0", tensor(reads, { shape: layer.cell.r_0.shape }));
        layer.loadStateDict(state);
        const given = tensor(Float32Array.from(x.data), { shape: [...x.shape] });
        oracle.expect("out", "output", sigmoid(layer.forward(given).output));
      }),
    );
  });
});
