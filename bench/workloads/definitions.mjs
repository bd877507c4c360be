// What is measured. Each workload is plain data; the contestants read it as JSON.

const stream = (cell, hidden) => ({ id: `A ${cell} ${hidden}`, kind: "stream", cell, hidden });

const sequence = (cell, batch, time, hidden) => ({
  id: `B ${cell} ${batch},${time},${hidden}`,
  kind: "sequence",
  cell,
  batch,
  time,
  hidden,
});

const training = (id, options) => ({
  id,
  kind: "training",
  cell: "lstm",
  layers: 1,
  optimizer: "adam",
  ...options,
});

const characters = { vocabulary: 96, classes: 96, batch: 32, time: 64 };
const words = { vocabulary: 10_000, classes: 10_000, layers: 2, optimizer: "sgd", batch: 20 };

export const workloads = [
  ...["lstm", "gru"].flatMap((cell) => [32, 64, 128, 256].map((hidden) => stream(cell, hidden))),
  sequence("lstm", 1, 64, 128),
  sequence("lstm", 1, 256, 256),
  sequence("lstm", 32, 64, 128),
  sequence("lstm", 32, 64, 256),
  sequence("lstm", 16, 32, 512),
  sequence("gru", 1, 64, 128),
  sequence("gru", 32, 64, 256),
  training("C1", { ...characters, input: 64, hidden: 128 }),
  training("C2", { ...words, input: 200, hidden: 200, time: 20 }),
  training("C3", { ...characters, input: 128, hidden: 256 }),
  training("C4", { ...characters, input: 64, hidden: 128, cell: "gru" }),
  // Features instead of tokens, and one class a sequence, read from the last state.
  training("C5", { vocabulary: 0, classes: 2, input: 16, hidden: 32, batch: 16, time: 50 }),
  training("C6", { ...words, input: 650, hidden: 650, time: 35 }),
];

export const gatesOf = { lstm: 4, gru: 3 };

/** Floating-point operations of the matrix products in one call; a training step is three forwards. */
export function flopOf({
  kind,
  cell,
  batch = 1,
  time = 1,
  hidden,
  input = hidden,
  layers = 1,
  vocabulary,
  classes,
}) {
  let flop = 0;
  for (let layer = 0; layer < layers; layer++)
    flop += 2 * batch * time * gatesOf[cell] * hidden * ((layer === 0 ? input : hidden) + hidden);
  if (kind !== "training") return flop;
  return 3 * (flop + 2 * batch * (vocabulary > 0 ? time : 1) * hidden * classes);
}
