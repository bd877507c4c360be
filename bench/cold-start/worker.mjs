import { LSTM, scope, tensor } from "hiddenstate/infer";

export default {
  fetch() {
    const lstm = new LSTM(2, 8).eval();
    for (const one of lstm.parameters()) one.set(new Float32Array(one.size).fill(0.1));
    const x = tensor(
      [0, 1, 2, 3].map((t) => [t, -t]),
      { shape: [4, 2] },
    ).reshape([1, 4, 2]);
    return new Response(String(scope(() => lstm.forward(x).output.data())[31]));
  },
};
