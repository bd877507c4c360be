// From nothing to the first output of a tiny LSTM: 8 hidden units, one sequence of 4 steps.
import { LSTM, scope, tensor } from "hiddenstate";

const lstm = new LSTM(2, 8).eval();
for (const parameter of lstm.parameters())
  parameter.set(new Float32Array(parameter.size).fill(0.1));
const x = tensor(
  [0, 1, 2, 3].map((t) => [t, -t]),
  { shape: [4, 2] },
).reshape([1, 4, 2]);
process.stdout.write(String(scope(() => lstm.forward(x).output.data())[31]));
