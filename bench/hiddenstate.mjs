// The library itself: node bench/hiddenstate.mjs WORKLOAD.json plain|relaxed
import { readFileSync } from "node:fs";
import {
  Adam,
  clipGradNorm,
  crossEntropy,
  Embedding,
  GRU,
  initSync,
  Linear,
  LSTM,
  Module,
  noGrad,
  scope,
  SGD,
  tensor,
} from "hiddenstate";
import { measure, readWorkload, report } from "./measure.mjs";

const workload = readWorkload();
const build = process.argv[3];
const {
  kind,
  cell,
  hidden,
  input = hidden,
  layers = 1,
  batch = 1,
  time,
  vocabulary,
  classes,
} = workload;
initSync({ build });

class Model extends Module {
  rnn = new { lstm: LSTM, gru: GRU }[cell](input, hidden, { numLayers: layers });

  constructor() {
    super();
    if (vocabulary > 0) this.embed = new Embedding(vocabulary, input);
    if (kind === "training") this.head = new Linear(hidden, classes);
  }
}
const model = new Model();
scope(() =>
  model.loadStateDict(
    Object.fromEntries(
      [...model.stateDict().keys()].map((name) => {
        const { data, shape } = workload.array(name);
        return [name, tensor(data, { shape })];
      }),
    ),
  ),
);

const ids = (from, length) =>
  Int32Array.from(workload.array("ids").data.subarray(from, from + length));
const contests = { stream, sequence, training };
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url)));
const { call, check } = contests[kind]();
report({ name: `hiddenstate ${build}`, version, check: check(), times: await measure(call) });

function stream() {
  const { data } = workload.array("x");
  const xs = Array.from({ length: 64 }, (_, t) => data.slice(t * hidden, (t + 1) * hidden));
  const out = new Float32Array(hidden);
  const running = model.rnn.stream();
  let t = 0;
  const call = () => running.push(xs[t++ & 63], out);
  return {
    call,
    check() {
      for (let i = 0; i < 64; i++) call();
      return out.slice();
    },
  };
}

function sequence() {
  const { data, shape } = workload.array("x");
  const x = tensor(data, { shape });
  const output = new Float32Array(batch * time * hidden);
  const call = () => scope(() => noGrad(() => void model.rnn.forward(x).output.data(output)));
  return {
    call,
    check() {
      call();
      return output.slice(-hidden);
    },
  };
}

function training() {
  const parameters = model.parameters();
  const optimizer =
    workload.optimizer === "adam"
      ? new Adam(parameters, { lr: 1e-3 })
      : new SGD(parameters, { lr: 0.1 });
  const count = batch * time;
  const given = vocabulary > 0 ? ids(0, count) : workload.array("x").data;
  const wanted = vocabulary > 0 ? ids(1, count) : Int32Array.from(workload.array("labels").data);
  const call = () =>
    scope(() => {
      const source =
        vocabulary > 0
          ? model.embed.forward(tensor(given, { shape: [batch, time] }))
          : tensor(given, { shape: [batch, time, input] });
      const { output, state } = model.rnn.forward(source);
      const logits = model.head.forward(vocabulary > 0 ? output : state.h.reshape([batch, hidden]));
      const loss = crossEntropy(logits, tensor(wanted, { shape: logits.shape.slice(0, -1) }));
      optimizer.zeroGrad();
      loss.backward();
      clipGradNorm(parameters, 1);
      optimizer.step();
      return loss.item();
    });
  return { call, check: () => [call(), call(), call()] };
}
