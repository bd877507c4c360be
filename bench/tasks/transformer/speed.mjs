// How fast GPTs read token by token and learn, beside PyTorch with the same weights (peer.py), in turns.
//   node bench/tasks/transformer/speed.mjs [--build plain] [--rounds 5] [--functions]
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Option, program } from "commander";
import {
  AdamW,
  backend,
  clipGradNorm,
  crossEntropy,
  initSync,
  manualSeed,
  scope,
  tensor,
} from "hiddenstate";
import { saveSafetensors } from "hiddenstate/io";
import { GPT } from "hiddenstate/nn";
import { cpuSeconds } from "../../measure.mjs";
import { startPeer } from "../../peers/line-by-line.mjs";
import { fastestCore, python } from "../../peers/openblas.mjs";
import { profiled } from "../../profile.mjs";

const options = program
  .addOption(new Option("--build <kernels>").choices(["plain", "relaxed"]).default("plain"))
  .option("--rounds <n>", "turns of each side", Number, 5)
  .option("--tokens <n>", "that a stream reads", Number, 256)
  .option("--functions", "tell what a profile of our side says")
  .addOption(new Option("--only <parts...>").choices(["stream", "train"]))
  .parse()
  .opts();
const wants = (part) => !options.only || options.only.includes(part);

initSync({ build: options.build });
console.log(`${cpus()[0].model}, Node ${process.versions.node}, ${backend().build}, one thread`);
const core = fastestCore();
console.log(core.line);
const folder = mkdtempSync(join(tmpdir(), "hiddenstate-gpt-"));
const TOKENS = 65;
const ids = Int32Array.from({ length: options.tokens }, (_, i) => (i * 7919) % TOKENS);

try {
  for (const [layers, size, heads] of [
    [4, 128, 4],
    [6, 384, 6],
  ])
    await compare(layers, size, heads);
} finally {
  rmSync(folder, { recursive: true });
}

async function compare(numLayers, size, heads) {
  manualSeed(1);
  const shape = { numLayers, contextLength: options.tokens, bias: false };
  const gpt = new GPT(TOKENS, size, heads, shape);
  const peer = await peerOf(gpt, heads);
  const name = `${numLayers} × ${size}`;
  if (wants("stream")) await stream(name, gpt, peer);
  if (wants("train") && size === 128) await train(name, gpt, peer);
  peer.stop();
  gpt.dispose();
}

async function stream(name, gpt, peer) {
  const reader = gpt.stream();
  const logits = new Float32Array(TOKENS);
  const one = new Int32Array(1);
  const read = () => {
    reader.reset();
    for (const id of ids) {
      one[0] = id;
      reader.push(one, logits);
    }
  };
  read();
  await peer.ask({ stream: [...ids.subarray(0, 32)] });
  let [own, other, apart] = [Infinity, Infinity, 0];
  for (let round = 0; round < options.rounds; round++) {
    const began = cpuSeconds();
    read();
    own = Math.min(own, cpuSeconds() - began);
    const { seconds, last } = await peer.ask({ stream: [...ids] });
    other = Math.min(other, seconds);
    apart = Math.max(...last.map((each, i) => Math.abs(each - logits[i])));
  }
  const each = (seconds) => `${((1e6 * seconds) / ids.length).toFixed(1)} µs`;
  console.log(
    `stream, ${name}, ${ids.length} tokens: ${each(own)} a token, PyTorch ${each(other)}: ` +
      `${(other / own).toFixed(2)} times as fast; logits at most ${apart.toExponential(1)} apart`,
  );
  if (options.functions) tell(read);
  reader.dispose();
}

async function train(name, gpt, peer) {
  const [batch, time] = [12, 64];
  const optimizer = new AdamW(gpt.parameters(), { lr: 1e-3, betas: [0.9, 0.99] });
  const all = Int32Array.from({ length: batch * time }, (_, i) => (i * 7919) % TOKENS);
  const step = () =>
    scope(() => {
      const input = tensor(all, { shape: [batch, time] });
      const loss = crossEntropy(gpt.forward(input), input);
      optimizer.zeroGrad();
      loss.backward();
      clipGradNorm(gpt.parameters(), 1);
      optimizer.step();
    });
  step();
  let [own, other] = [Infinity, Infinity];
  for (let round = 0; round < 2 * options.rounds; round++) {
    for (let i = 0; i < 3; i++) {
      const began = cpuSeconds();
      step();
      own = Math.min(own, cpuSeconds() - began);
    }
    other = Math.min(other, (await peer.ask({ steps: 3, batch, time })).seconds);
  }
  console.log(
    `training step, ${name}, ${batch} × ${time}: ${(1e3 * own).toFixed(1)} ms, PyTorch ${(1e3 * other).toFixed(1)} ms: ` +
      `${(other / own).toFixed(2)} times as fast`,
  );
  if (options.functions) tell(step);
}

function tell(run) {
  const { javascript, functions } = profiled(() => {
    for (let i = 0; i < 10; i++) run();
  });
  console.log(`  JavaScript ${(100 * javascript).toFixed(1)} %`);
  for (const { name, share } of functions.slice(0, 20))
    console.log(`  ${(100 * share).toFixed(1).padStart(5)} % ${name}`);
}

function peerOf(gpt, heads) {
  const weights = join(folder, "weights.safetensors");
  writeFileSync(weights, saveSafetensors(gpt.stateDict()));
  const script = fileURLToPath(new URL("peer.py", import.meta.url));
  return startPeer([python, script, weights, String(heads)], core.env);
}
