// What a call costs beside its arithmetic: tiny layers and operations, and a layer of a usual size, here and in another built checkout,
// in turns in one process, plain kernels, processor time. It shows what checks of arguments and the graph's book-keeping add.
//   node bench/calls.mjs --beside ../other-checkout
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { program } from "commander";
import { cpuSeconds } from "./measure.mjs";

const { beside } = program
  .requiredOption("--beside <folder>", "a checkout of the project with its dist/")
  .parse()
  .opts();

/** Calls of a build of the library, by what they are. */
async function callsOf(folder) {
  const load = (file) => import(pathToFileURL(resolve(join(folder, "dist", file))).href);
  const [main, nn] = [await load("index.js"), await load("nn/index.js")];
  const { Adam, crossEntropy, initSync, Linear, LSTM, manualSeed, noGrad, randn, scope, tensor } =
    main;
  initSync({ build: "plain" });
  manualSeed(1);
  /** An LSTM and a layer behind its last state, which learn. */
  const network = (inputSize, hiddenSize, rows, steps) => {
    const [lstm, head] = [new LSTM(inputSize, hiddenSize), new Linear(hiddenSize, 4)];
    const optimizer = new Adam([...lstm.parameters(), ...head.parameters()]);
    const x = randn([rows, steps, inputSize]);
    const target = tensor(Int32Array.from({ length: rows }, (_, row) => row % 4));
    const logits = () => head.forward(lstm.forward(x).state.h.reshape([rows, hiddenSize]));
    return {
      lstm,
      forward: () => scope(() => noGrad(() => void logits().data())),
      step: () =>
        scope(() => {
          const loss = crossEntropy(logits(), target);
          optimizer.zeroGrad();
          loss.backward();
          optimizer.step();
        }),
    };
  };
  const [tiny, usual] = [network(8, 16, 2, 8), network(64, 128, 8, 16)];
  const [a, b] = [randn([4]), randn([4])];
  const [jordan, series] = [new nn.Scan(new nn.JordanCell(8, 16, 4)), randn([2, 8, 8])];
  const [stream, input] = [tiny.lstm.stream(), new Float32Array(8)];
  return {
    "training step, LSTM(8, 16), 2 rows of 8 steps": tiny.step,
    "its forward pass": tiny.forward,
    "training step, LSTM(64, 128), 8 rows of 16 steps": usual.step,
    "the forward pass of that one": usual.forward,
    "add, mul and sum of 4 elements": () => scope(() => void a.add(b).mul(a).sum()),
    "Jordan cell over 8 steps, and back": () =>
      scope(() => jordan.forward(series).output.sum().backward()),
    "a step of its stream": () => void stream.push(input),
  };
}

/** Microseconds a call. */
function once(call, times) {
  const start = cpuSeconds();
  for (let i = 0; i < times; i++) call();
  return ((cpuSeconds() - start) * 1e6) / times;
}

const median = (values) => values.sort((p, q) => p - q)[values.length >> 1];
const [here, there] = [await callsOf("."), await callsOf(beside)];
console.log(`${"".padEnd(50)}    here  beside   ratio`);
for (const name of Object.keys(here)) {
  const both = [here[name], there[name]];
  const warm = both.map((call) => once(call, 300));
  const times = Math.ceil(60_000 / warm[0]);
  const rounds = Array.from({ length: 21 }, () => both.map((call) => once(call, times)));
  const [own, other] = [0, 1].map((i) => median(rounds.map((round) => round[i])));
  const ratio = median(rounds.map(([mine, theirs]) => mine / theirs));
  console.log(
    `${name.padEnd(50)}${own.toFixed(2).padStart(8)}${other.toFixed(2).padStart(8)}${ratio.toFixed(2).padStart(8)}`,
  );
}
