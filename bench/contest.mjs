// The library's own side of each workload.
import {
  Adam,
  clipGradNorm,
  crossEntropy,
  Embedding,
  GRU,
  Linear,
  LSTM,
  Module,
  noGrad,
  scope,
  SGD,
  tensor,
} from "hiddenstate";

class Model extends Module {
  constructor({ kind, cell, hidden, input = hidden, layers = 1, vocabulary, classes }) {
    super();
    this.rnn = new { lstm: LSTM, gru: GRU }[cell](input, hidden, { numLayers: layers });
    if (vocabulary > 0) this.embed = new Embedding(vocabulary, input);
    if (kind === "training") this.head = new Linear(hidden, classes);
  }
}

/**
 * A workload, as `readWorkload` gives it, made ready: `call` does it once, `check` gives numbers that every contestant
 * must agree on.
 */
export function contest(workload) {
  const model = new Model(workload);
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
  return { stream, sequence, training }[workload.kind](model, workload);
}

function stream(model, { hidden, array }) {
  const { data } = array("x");
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

function sequence(model, { batch, time, hidden, array }) {
  const { data, shape } = array("x");
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

function training(model, { batch, time, hidden, input, vocabulary, optimizer: kind, array }) {
  const parameters = model.parameters();
  const optimizer =
    kind === "adam" ? new Adam(parameters, { lr: 1e-3 }) : new SGD(parameters, { lr: 0.1 });
  const count = batch * time;
  const ids = (from) => Int32Array.from(array("ids").data.subarray(from, from + count));
  const given = vocabulary > 0 ? ids(0) : array("x").data;
  const wanted = vocabulary > 0 ? ids(1) : Int32Array.from(array("labels").data);
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
