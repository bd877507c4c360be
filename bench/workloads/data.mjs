// Weights and inputs of a workload, the same for every contestant: a file of float32 and a table of where each array
// stands in it.
import { writeFileSync } from "node:fs";
import { gatesOf } from "./definitions.mjs";

/** Uniform numbers in [-1, 1), the same on every machine: a linear congruential generator (Numerical Recipes). */
function* uniform(seed) {
  for (let state = seed >>> 0; ;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 31 - 1;
  }
}

/** Arrays of a workload by name: PyTorch's names and layouts for weights. Ids are stored as floats too. */
function arraysOf({
  kind,
  cell,
  hidden,
  input = hidden,
  layers = 1,
  batch = 1,
  time = 1,
  vocabulary = 0,
  classes = 0,
}) {
  const rows = gatesOf[cell] * hidden;
  const arrays = {};
  if (vocabulary > 0) arrays["embed.weight"] = { shape: [vocabulary, input], bound: 1 };
  for (let layer = 0; layer < layers; layer++) {
    const bound = 1 / Math.sqrt(hidden);
    arrays[`rnn.weight_ih_l${layer}`] = { shape: [rows, layer === 0 ? input : hidden], bound };
    arrays[`rnn.weight_hh_l${layer}`] = { shape: [rows, hidden], bound };
    arrays[`rnn.bias_ih_l${layer}`] = { shape: [rows], bound };
    arrays[`rnn.bias_hh_l${layer}`] = { shape: [rows], bound };
  }
  if (kind === "training") {
    const bound = 1 / Math.sqrt(hidden);
    arrays["head.weight"] = { shape: [classes, hidden], bound };
    arrays["head.bias"] = { shape: [classes], bound };
  }
  if (vocabulary > 0) arrays.ids = { shape: [batch * time + 1], below: vocabulary };
  else arrays.x = { shape: kind === "stream" ? [64, hidden] : [batch, time, input], bound: 1 };
  if (kind === "training" && vocabulary === 0) arrays.labels = { shape: [batch], below: classes };
  return arrays;
}

/** Writes `<base>.bin` and `<base>.json`, and returns the latter's path. */
export function writeData(workload, base) {
  const random = uniform(1);
  let offset = 0;
  const arrays = {};
  const chunks = Object.entries(arraysOf(workload)).map(([name, { shape, bound, below }]) => {
    const size = shape.reduce((product, axis) => product * axis, 1);
    arrays[name] = { shape, offset };
    offset += size;
    return Float32Array.from({ length: size }, () => {
      const value = random.next().value;
      return below === undefined ? value * bound : Math.floor(((value + 1) / 2) * below);
    });
  });
  const all = new Float32Array(offset);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  writeFileSync(`${base}.bin`, all);
  writeFileSync(`${base}.json`, JSON.stringify({ ...workload, data: `${base}.bin`, arrays }));
  return `${base}.json`;
}
