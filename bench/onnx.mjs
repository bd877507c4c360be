// Imported LSTMs and GRUs against ONNX Runtime's WebAssembly build, one thread, from the same file: sequences of batch 1, and steps whose
// state goes from one to the next. Both sides take turns; the least of many rounds counts.
//   node bench/onnx.mjs [rounds]   (after a build)
import { GRU, LSTM, manualSeed, noGrad, scope, tensor } from "hiddenstate";
import { readOnnx, toOnnx } from "hiddenstate/onnx";
import * as ort from "onnxruntime-web/wasm";

const ROUNDS = Number(process.argv[2] ?? 300);
const STEPS = 100;
const MILLISECONDS = 4;

ort.env.wasm.numThreads = 1;
ort.env.logLevel = "error";
manualSeed(1);

/** Microseconds a call, over a round. */
async function timed(call) {
  const began = performance.now();
  let calls = 0;
  while (performance.now() - began < MILLISECONDS) {
    await call();
    calls++;
  }
  return ((performance.now() - began) * 1000) / calls;
}

async function least(...calls) {
  const best = calls.map(() => Infinity);
  for (let round = 0; round < ROUNDS; round++)
    for (let i = 0; i < calls.length; i++) best[i] = Math.min(best[i], await timed(calls[i]));
  return best;
}

const line = (cells) => console.log(cells.map((cell) => String(cell).padStart(12)).join(""));
line(["", "size", `${STEPS} steps`, "ORT web", "ratio", "a step", "ORT web", "ratio"]);
for (const Kind of [LSTM, GRU])
  for (const size of [64, 128, 256]) {
    const bytes = toOnnx(new Kind(size, size), { states: true });
    const model = readOnnx(bytes);
    const session = await ort.InferenceSession.create(bytes);
    const states = Kind === LSTM ? ["h0", "c0"] : ["h0"];
    const values = Float32Array.from(
      { length: STEPS * size },
      (_, i) => ((i * 7919) % 200) / 100 - 1,
    );
    const ours = (data, time) => tensor(data, { shape: [1, time, size] });
    const theirs = (data, time) => new ort.Tensor("float32", data, [1, time, size]);
    const zero = new Float32Array(size);
    const given = Object.fromEntries([
      ["x", ours(values, STEPS)],
      ...states.map((name) => [name, ours(zero, 1)]),
    ]);
    const fed = Object.fromEntries([
      ["x", theirs(values, STEPS)],
      ...states.map((name) => [name, theirs(zero, 1)]),
    ]);
    const stream = model.stream();
    const frame = values.slice(0, size);
    const x = ours(frame, 1);
    let carried = { ...fed, x: theirs(frame, 1) };
    const [whole, wholeOrt, step, stepOrt] = await least(
      () => scope(() => noGrad(() => void model.forward(given).output.data())),
      () => session.run(fed),
      () => stream.step({ x }),
      async () => {
        const { hn, cn } = await session.run(carried);
        carried = { ...carried, h0: hn, ...(cn && { c0: cn }) };
      },
    );
    const shown = (own, other) => [
      `${own.toFixed(0)} µs`,
      `${other.toFixed(0)} µs`,
      (other / own).toFixed(2),
    ];
    line([Kind.name, size, ...shown(whole, wholeOrt), ...shown(step, stepOrt)]);
  }
