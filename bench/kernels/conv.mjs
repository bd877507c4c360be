// Convolutions through the public functions, beside the ceiling of the same run.
// node bench/kernels/conv.mjs [plain | relaxed]   (after a build; one build a process)
import { initSync, randn, scope } from "../../dist/index.js";
import { conv1d, conv2d } from "../../dist/nn/index.js";
import { builds, ceiling, fastest, printMachine } from "./lib.mjs";

const SHAPES = [
  ...[2, 3, 4, 5].map((width) => ["char-CNN", conv1d, [32, 15, 20], [25, 15, width], 0]),
  ["LeNet, first", conv2d, [32, 1, 28, 28], [6, 1, 5, 5], 2],
  ["LeNet, second", conv2d, [32, 6, 14, 14], [16, 6, 5, 5], 0],
  ["3×3, 64 to 64", conv2d, [1, 64, 32, 32], [64, 64, 3, 3], 1],
];

const [build] = builds();
initSync({ build });
printMachine();
const top = ceiling(build);
console.log(`\n${build}: ceiling ${top.toFixed(1)} GFLOP/s`);
for (const [name, op, input, kernel, padding] of SHAPES) {
  const x = randn(input, { requiresGrad: true });
  const weight = randn(kernel, { requiresGrad: true });
  const bias = randn([kernel[0]], { requiresGrad: true });
  const run = () => op(x, weight, bias, { padding });
  const outputs = scope(() => run().size);
  const flops = 2 * outputs * kernel.slice(1).reduce((a, b) => a * b);
  const forward = fastest(() => scope(() => void run()), 1000);
  const both = fastest(() => scope(() => run().sum().backward()), 1000);
  const rate = (nanoseconds, times) => (times * flops) / nanoseconds;
  const show = (label, value) =>
    `${label} ${value.toFixed(1).padStart(5)} (${((100 * value) / top).toFixed(0)} %)`;
  console.log(
    `${`${name} [${input}] by [${kernel}]`.padEnd(46)} ${show("forward", rate(forward, 1))}` +
      ` ${show("with gradients", rate(both, 3))}  ${(forward / 1e3).toFixed(0)} and ${(both / 1e3).toFixed(0)} µs`,
  );
}
