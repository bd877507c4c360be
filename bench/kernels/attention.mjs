// Attention's kernels beside the ceiling of the same run, the memory they need, and PyTorch's composed attention.
// node bench/kernels/attention.mjs [plain] [relaxed] [pytorch]
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { measure } from "../measure.mjs";
import { builds, ceiling, load, printMachine } from "./lib.mjs";

const SIZES = [32, 64];
const TIMES = [64, 128, 256, 512];
const MEMORY = [16, 64, 256, 1024, 4096];
/** What PyTorch is measured at too. */
const PEER = { batch: 4, heads: 4, time: 256, size: 32 };

/** q, k and v side by side as one projection writes them, [batch, time, 3 · heads · size]. */
function attention({ kernels: k, memory, buffer }, { batch, heads, time, size, causal = 0 }) {
  const width = heads * size;
  const [q, dq] = [0, 1].map(() => buffer(batch * time * 3 * width, 1));
  const [out, dOut] = [0, 1].map(() => buffer(batch * time * width, 1));
  const logs = buffer(batch * heads * time);
  const need = Math.max(
    k.attentionScratchBytes(time, size, size),
    k.attentionBackwardScratchBytes(time, size, size),
  );
  const [layout, scratch] = [buffer(31), buffer(need / 4)];
  const words = new Int32Array(memory.buffer, layout, 31).fill(0);
  const projected = [time * 3 * width, size, 3 * width];
  words.set([batch, heads, time, time, size, size, ...projected, ...projected, ...projected]);
  words.set([time * width, size, width], 15);
  words[24] = causal;
  new Float32Array(memory.buffer, layout, 31)[25] = 1 / Math.sqrt(size);
  const parts = (x) => [x, x + width * 4, x + width * 8];
  return {
    /** Multiplications and additions of the products forward; backward makes five products of two. */
    flops: batch * heads * (causal ? (time * (time + 1)) / 2 : time * time) * 4 * size,
    forward: () => k.attentionForward(out, logs, ...parts(q), layout, scratch),
    backward: () =>
      k.attentionBackward(...parts(dq), dOut, out, logs, ...parts(q), layout, scratch),
  };
}

/** Fewest milliseconds of processor time. */
const milliseconds = async (call) => (await measure(call, { budget: 400 })).min;

async function shares(loaded, top) {
  const share = async (flops, call) =>
    `${((100 * flops) / (await milliseconds(call)) / 1e6 / top).toFixed(0)} %`;
  console.log("features  time  forward  backward  causal forward  backward");
  for (const size of SIZES)
    for (const time of TIMES) {
      const columns = [];
      for (const causal of [0, 1]) {
        const given = { batch: 1, heads: time > 128 ? 1 : 4, time, size, causal };
        const { flops, forward, backward } = loaded.scratch(() => attention(loaded, given));
        columns.push(await share(flops, forward), await share(2.5 * flops, backward));
      }
      const cells = [size, time, ...columns];
      console.log(cells.map((x, i) => String(x).padStart([8, 6, 9, 10, 16, 10][i])).join(""));
    }
}

/** Bytes beside q, k, v and their gradients, of 4 heads of 32 features. */
function memories({ kernels: k }) {
  console.log(
    "\ntime  kept for the gradient  scratch forward  scratch backward  (weights would be)",
  );
  for (const time of MEMORY) {
    const bytes = [
      4 * time * (4 * 32 + 4),
      k.attentionScratchBytes(time, 32, 32),
      k.attentionBackwardScratchBytes(time, 32, 32),
      4 * 4 * time * time,
    ];
    const kilobytes = bytes.map((n) => `${(n / 1024).toFixed(0)} kB`.padStart(17));
    console.log(`${String(time).padStart(4)}${kilobytes.join("")}`);
  }
}

/** PyTorch's milliseconds, forward and with gradients, on one thread. */
function pytorch() {
  const script = fileURLToPath(new URL("attention.py", import.meta.url));
  const { batch, heads, time, size } = PEER;
  const { stdout, status } = spawnSync("python3", [script, batch, heads, time, size].map(String), {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, PATH: `/usr/bin:${process.env.PATH}` },
  });
  if (status !== 0) throw new Error("PyTorch does not run");
  return JSON.parse(stdout);
}

async function besidePyTorch(loaded) {
  const { forward, backward } = attention(loaded, PEER);
  const turns = [];
  for (let turn = 0; turn < 3; turn++) {
    const theirs = pytorch();
    const [f, b] = [await milliseconds(forward), await milliseconds(backward)];
    turns.push({ theirs, ours: { forward: f, both: f + b } });
  }
  const fewest = (of) => Math.min(...turns.map(of)).toFixed(2);
  const columns = ["forward", "both"].map(
    (name) =>
      `${fewest(({ ours }) => ours[name])} ms against ${fewest(({ theirs }) => theirs[name])}`,
  );
  const { version, core } = turns[0].theirs;
  console.log(
    `\n${JSON.stringify(PEER)}: forward ${columns[0]}, with gradients ${columns[1]} (${version}, ${core})`,
  );
}

printMachine();
for (const build of builds()) {
  const loaded = load(build);
  const top = ceiling(build);
  console.log(`\n${build}: ceiling ${top.toFixed(1)} GFLOP/s`);
  await shares(loaded, top);
  if (build === "plain") memories(loaded);
  if (process.argv.includes("pytorch")) await besidePyTorch(loaded);
}
