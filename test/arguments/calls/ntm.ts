// Neural Turing Machines.
import * as hs from "../../../src/index.js";
import * as nn from "../../../src/nn/index.js";
import { floats } from "../values.js";
import { made, method, type Call } from "../wrong-calls.js";

const LENGTHS = ["int tensor", "typed array"] as const;
const SIZES = { controllerSize: 3, memoryRows: 4, memoryWidth: 2 };
const OPTIONS = {
  ...SIZES,
  ...{ controller: "lstm", numLayers: 1, heads: ["write", "read"], shiftRange: 1 },
};
const cell = () => new nn.NTMCell(2, SIZES);
const ntm = () => new nn.NTM(2, 1, SIZES);
const stream = () => ntm().stream();
const state = () => ({
  ...{ memory: floats(1, 4, 2), reads: floats(1, 1, 2), weights: hs.zeros([1, 2, 4]) },
  ...{ h: floats(1, 1, 3), c: floats(1, 1, 3) },
});
const overSequence = (): readonly [hs.Tensor, object] => [
  floats(1, 2, 2),
  { state: state(), lengths: [1], needWeights: true },
];

export const NTM_CALLS: Readonly<Record<string, Call>> = {
  "new NTMCell": made(nn.NTMCell, () => [2, OPTIONS]),
  "NTMCell.start": method(cell, "start", () => [2]),
  "NTMCell.step": method(cell, "step", () => [floats(1, 2), state()], { named: [1] }),
  "NTMCell.unroll": method(cell, "unroll", overSequence, { also: { "1.lengths": LENGTHS } }),
  "new NTM": made(nn.NTM, () => [2, 1, OPTIONS]),
  "NTM.start": method(ntm, "start", () => [2]),
  "NTM.forward": method(ntm, "forward", overSequence, { also: { "1.lengths": LENGTHS } }),
  "NTM.step": method(ntm, "step", () => [floats(1, 2), state()], { named: [1] }),
  "NTM.stream": method(ntm, "stream", () => [{ batch: 2 }]),
  "NTMStream.push": method(stream, "push", () => [new Float32Array(2), new Float32Array(1)], {
    also: { "0": "array" },
  }),
  "NTMStream.select": method(stream, "select", () => [Int32Array.of(0)], {
    also: { "0": "array" },
  }),
  "NTMStream.state": method(stream, "state", () => []),
  "NTMStream.setState": method(stream, "setState", () => [state()], { named: [0] }),
  "NTMStream.reset": method(stream, "reset", () => []),
  "NTMStream.toBytes": method(stream, "toBytes", () => []),
  "NTMStream.fromBytes": method(stream, "fromBytes", () => [stream().toBytes()]),
  "NTMStream.dispose": method(stream, "dispose", () => []),
};
