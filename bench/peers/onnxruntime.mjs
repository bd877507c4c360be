// ONNX Runtime, native or WebAssembly, one thread: node bench/peers/onnxruntime.mjs WORKLOAD.json node|web
import { measure, readWorkload, report } from "../measure.mjs";
import { onnxModel } from "./onnx-model.mjs";

const workload = readWorkload();
const kind = process.argv[3];
const ort = await import(`onnxruntime-${kind}`);
if (kind === "web") ort.env.wasm.numThreads = 1;
const version = ort.env.versions[kind];

const { cell, hidden, input = hidden, batch = 1, time = 1 } = workload;
const session = await ort.InferenceSession.create(onnxModel(workload), {
  executionProviders: [kind === "web" ? "wasm" : "cpu"],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
});
const zeros = () => new ort.Tensor("float32", new Float32Array(batch * hidden), [1, batch, hidden]);
const start = () => (cell === "lstm" ? { h0: zeros(), c0: zeros() } : { h0: zeros() });

function stream() {
  const { data } = workload.array("x");
  const xs = Array.from(
    { length: 64 },
    (_, t) => new ort.Tensor("float32", data.slice(t * hidden, (t + 1) * hidden), [1, 1, hidden]),
  );
  let [t, state, output] = [0, start()];
  const wanted = cell === "lstm" ? ["Y_h", "Y_c"] : ["Y_h"];
  const call = async () => {
    const result = await session.run({ X: xs[t++ & 63], ...state }, wanted);
    state = cell === "lstm" ? { h0: result.Y_h, c0: result.Y_c } : { h0: result.Y_h };
    output = result.Y_h.data;
  };
  return {
    call,
    async check() {
      for (let i = 0; i < 64; i++) await call();
      return output;
    },
  };
}

function sequence() {
  const { data } = workload.array("x");
  const timeMajor = new Float32Array(data.length);
  for (let row = 0; row < batch; row++)
    for (let t = 0; t < time; t++)
      timeMajor.set(
        data.subarray((row * time + t) * input, (row * time + t + 1) * input),
        (t * batch + row) * input,
      );
  const feeds = { X: new ort.Tensor("float32", timeMajor, [time, batch, input]), ...start() };
  const call = async () => (await session.run(feeds, ["Y"])).Y.data;
  return { call, check: async () => (await call()).slice(-hidden) };
}

const { call, check } = { stream, sequence }[workload.kind]();
report({ name: `onnxruntime-${kind}`, version, check: await check(), times: await measure(call) });
