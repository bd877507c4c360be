// How the time of training grows with the length, the batch, the vocabulary and the hidden size.
// node bench/growth.mjs [plain | relaxed] [--hidden 64:320:1] [--svg bench/growth.svg]   (after a build)
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { crossEntropy, initSync, Linear, LSTM, randn, scope, tensor } from "hiddenstate";
import { lineChart } from "hiddenstate/inspect";
import { ceiling, printMachine } from "./kernels/lib.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { hidden: { type: "string", default: "64:320:1" }, svg: { type: "string" } },
});
const [build = "plain"] = positionals;
initSync({ build });
printMachine();
const top = ceiling(build);
console.log(`${build}: ceiling ${top.toFixed(1)} GFLOP/s\n`);

/** Fewest seconds of processor time that `call` takes, over about `budget` of them: other programs do not count. */
function fastest(call, budget = 0.6) {
  const clock = () => Object.values(process.cpuUsage()).reduce((a, b) => a + b) / 1e6;
  call();
  let calls = 1;
  let best = Infinity;
  for (const end = clock() + budget; clock() < end;) {
    const start = clock();
    for (let i = 0; i < calls; i++) call();
    const took = clock() - start;
    best = Math.min(best, took / calls);
    // A sample of a millisecond at least: the clock counts microseconds.
    if (took < 1e-3) calls *= 2;
  }
  return best;
}

/** Seconds of a training step of an LSTM, forwards and backwards, without an optimizer. */
function recurrent(T, B, H, budget) {
  const layer = new LSTM(H, H);
  const x = randn([B, T, H], { requiresGrad: true });
  const seconds = fastest(
    () =>
      scope(() => {
        layer.parameters().forEach((each) => each.zeroGrad());
        x.zeroGrad();
        layer.forward(x).output.sum().backward();
      }),
    budget,
  );
  layer.dispose();
  x.dispose();
  return seconds;
}

/** The same of a linear layer and cross-entropy over V classes. */
function output(rows, H, V) {
  const layer = new Linear(H, V);
  const x = randn([rows, H], { requiresGrad: true });
  const classes = Int32Array.from({ length: rows }, (_, i) => (i * 7919) % V);
  const seconds = fastest(() =>
    scope(() => {
      layer.parameters().forEach((each) => each.zeroGrad());
      x.zeroGrad();
      crossEntropy(layer.forward(x), tensor(classes)).backward();
    }),
  );
  layer.dispose();
  x.dispose();
  return seconds;
}

const powers = (from, to) =>
  Array.from({ length: Math.log2(to / from) + 1 }, (_, i) => from * 2 ** i);
function table(name, sizes, of, unit) {
  const cells = sizes.map((size) => of(size));
  const row = (list) => `| ${list.join(" | ")} |`;
  console.log(row([name, ...sizes]));
  console.log(row(Array(sizes.length + 1).fill("---")));
  console.log(`${row([unit, ...cells.map((value) => value.toPrecision(3))])}\n`);
  return cells;
}

table("T", powers(16, 1024), (T) => (recurrent(T, 16, 128) / T / 16) * 1e6, "µs a token");
table("B", powers(1, 256), (B) => (recurrent(32, B, 128) / B / 32) * 1e6, "µs a token");
table(
  "V",
  [1000, 2000, 4000, 8000, 16_000, 32_000],
  (V) => (output(128, 128, V) / 128 / V) * 1e9,
  "ns a token and entry",
);

const [from, to, step] = values.hidden.split(":").map(Number);
const sizes = Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);
const [T, B] = [16, 32];
const rateOf = (H) => (3 * 2 * B * T * 4 * H * 2 * H) / recurrent(T, B, H, 0.12) / 1e9;
let rates = sizes.map(rateOf);
// A second time round, for what was disturbed the first.
rates = rates.map((rate, i) => Math.max(rate, rateOf(sizes[i])));
const deviations = rates.map((rate, i) => {
  const [below, above] = [sizes[i] - 8, sizes[i] + 8].map((H) => rates[sizes.indexOf(H)]);
  return below && above ? rate / ((below + above) / 2) - 1 : 0;
});
const worst = deviations.reduce((at, each, i) => (each < deviations[at] ? i : at), 0);
const shown = sizes.filter((H) => H % 32 === 0);
table("H", shown, (H) => rates[sizes.indexOf(H)], "GFLOP/s");
console.log(
  `every H from ${from} to ${to} in steps of ${step}: lowest against the mean of H ± 8 at H = ${sizes[worst]}, ` +
    `${rates[worst].toFixed(1)} GFLOP/s, ${(100 * deviations[worst]).toFixed(0)} %; ` +
    `${deviations.filter((each) => Math.abs(each) > 0.25).length} of ${sizes.length} beyond 25 %`,
);
if (values.svg)
  writeFileSync(
    values.svg,
    lineChart({
      title: `LSTM training at every hidden size: batch ${B}, time ${T}, ${build} kernels, ceiling ${top.toFixed(1)}`,
      series: [{ name: "GFLOP/s", values: rates }],
      x: "hidden size",
      y: "GFLOP/s of matrix products",
      start: from,
    }),
  );
