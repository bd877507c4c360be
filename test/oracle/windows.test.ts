// Convolutions and pooling against PyTorch.
import { describe, it } from "vitest";
import type { Module, Tensor } from "../../src/index.js";
import { Conv1d, Conv2d, type Conv2dModuleOptions } from "../../src/nn/conv.js";
import { ConvTranspose1d } from "../../src/nn/conv-transpose.js";
import { AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d } from "../../src/nn/pooling.js";
import { casesOf, oracleCases } from "../helpers/oracle.js";
import { checkCase, withLayer } from "./check-case.js";

const cases = oracleCases("windows");

interface ConvCase {
  channels: number;
  out: number;
  kernel: number[];
  bias: boolean;
  options: object;
}
describe.each([
  ["conv1d", ({ kernel }: ConvCase) => kernel[0]!, Conv1d],
  ["convTranspose1d", ({ kernel }: ConvCase) => kernel[0]!, ConvTranspose1d],
  ["conv2d", ({ kernel }: ConvCase) => kernel as [number, number], Conv2d],
] as const)("%s", (op, kernelOf, Layer) => {
  it.each(casesOf<ConvCase>(cases, op).map((each) => [each.name, each] as const))(
    "%s",
    (_, oracle) => {
      const { channels, out, bias, options } = oracle.options;
      const kernel = kernelOf(oracle.options) as number;
      const settings = { bias, ...options } as Conv2dModuleOptions;
      withLayer(new (Layer as typeof Conv1d)(channels, out, kernel, settings as object), (layer) =>
        checkCase(oracle, ({ x }) => ({ output: layer.forward(x!) }), { layer }),
      );
    },
  );
});

interface PoolCase {
  kernel: number;
  options: object;
}
type Layer = Module & { forward(x: Tensor): Tensor };
describe.each<[string, new (kernel: number, options: object) => Layer]>([
  ["maxPool1d", MaxPool1d],
  ["maxPool2d", MaxPool2d],
  ["avgPool1d", AvgPool1d],
  ["avgPool2d", AvgPool2d],
])("%s", (op, Pool) => {
  it.each(casesOf<PoolCase>(cases, op).map((each) => [each.name, each] as const))(
    "%s",
    (_, oracle) => {
      const { kernel, options } = oracle.options;
      const layer = new Pool(kernel, options);
      checkCase(oracle, ({ x }) => ({ output: layer.forward(x!) }));
    },
  );
});
