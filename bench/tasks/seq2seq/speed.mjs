// How fast a translator of Multi30k's size trains and translates; peer.py translates the same with the same weights.
//   node bench/tasks/seq2seq/speed.mjs --data DIR [--build plain] [--core 0] [--functions]
import { spawnSync } from "node:child_process";
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
import { Seq2Seq } from "hiddenstate/models";
import { ceiling } from "../../kernels/lib.mjs";
import { cpuSeconds } from "../../measure.mjs";
import { startPeer } from "../../peers/line-by-line.mjs";
import { fastestCore, python } from "../../peers/openblas.mjs";
import { profiled } from "../../profile.mjs";
import { multi30k } from "./data.mjs";

const options = program
  .requiredOption("--data <folder>", "holds the data sets, a folder each")
  .addOption(new Option("--build <kernels>").choices(["plain", "relaxed"]).default("plain"))
  .option("--sentences <n>", "to translate", Number, 1000)
  .option("--rounds <n>", "how often all are translated", Number, 1)
  .option("--steps <n>", "training steps to take the best of", Number, 30)
  .option("--core <number>", "pin both programs to this core (where taskset is there)", Number)
  .option("--functions", "tell what a profile of our side says")
  .option("--no-peer", "time our side alone")
  .addOption(new Option("--only <parts...>").choices(["train", "decode", "batch"]))
  .parse()
  .opts();
const wants = (part) => !options.only || options.only.includes(part);

/** Every text has as many tokens, so that both sides take as many steps. */
const LENGTH = 13;
const SIZE = 256;
const [B, S, T] = [64, 15, 15];
/** Sentences that one side translates before the other does. */
const TURN = 25;

if (options.core !== undefined)
  spawnSync("taskset", ["-acp", String(options.core), String(process.pid)]);
initSync({ build: options.build });
manualSeed(1);
const { train: pairs, test } = multi30k("de", "en")(options.data);
const sources = test.map(({ source }) => source);
const model = Seq2Seq.build(pairs, {
  ...{ embeddingSize: SIZE, hiddenSize: SIZE, maxSize: 6000 },
  ...{ source: "subwords", target: "subwords" },
});
const tokens = model.target.size;
console.log(
  `${cpus()[0].model}, Node ${process.versions.node}, ${backend().build}, one thread; ${tokens} tokens`,
);

for (const placement of ["inputFeeding", "output"]) if (wants("train")) train(placement);
if (wants("decode") || wants("batch")) await translate();

/** Floating point operations of the products of a forward pass; those of its gradient are twice as many. */
function flops(placement) {
  const [E, H] = [SIZE, SIZE];
  const encoder = 4 * H * (E + H / 2) + H * H;
  const fed = placement === "inputFeeding" ? E : 0;
  const decoder = 4 * H * (E + fed + H) + 2 * S * H + 2 * H * E + tokens * E;
  return 2 * B * (S * encoder + T * decoder + 2 * H * H);
}

function train(placement) {
  const { source, target } = model;
  const tokenizers = { source: source.tokenizer, target: target.tokenizer };
  const trained = new Seq2Seq(tokenizers, { ...model.options, placement }).train();
  const parameters = trained.parameters();
  const optimizer = new AdamW(parameters, { lr: 1e-3 });
  const row = (time, i) =>
    Int32Array.from({ length: time }, (_, t) => (i * 7919 + t * 104_729) % tokens);
  const rows = (time) => Array.from({ length: B }, (_, i) => row(time, i));
  const [read, written] = [rows(S), rows(T)];
  const ids = Int32Array.from(written.flatMap((each) => [...each]));
  const step = () =>
    scope(() => {
      const loss = crossEntropy(trained.forward(read, written), tensor(ids), {
        labelSmoothing: 0.1,
      });
      optimizer.zeroGrad();
      loss.backward();
      clipGradNorm(parameters, 1);
      optimizer.step();
    });
  step();
  let [best, top] = [Infinity, 0];
  for (let i = 0; i < options.steps; i++) {
    const began = cpuSeconds();
    step();
    best = Math.min(best, cpuSeconds() - began);
    if (i % 10 === 0) top = Math.max(top, ceiling(options.build));
  }
  const { javascript, functions } = profiled(() => {
    for (let i = 0; i < 10; i++) step();
  });
  const reached = (3 * flops(placement)) / best / 1e9;
  console.log(
    `training step, ${placement}, B ${B}, S ${S}, T ${T}: ${(1e3 * best).toFixed(1)} ms, ${Math.round((B * (S + T)) / best)} tokens a second; ` +
      `products at ${reached.toFixed(1)} GFLOP/s, ${percent(reached / top)} of the ceiling of ${top.toFixed(1)}; JavaScript ${percent(javascript)}`,
  );
  tell(functions);
  trained.dispose();
}

async function translate() {
  const folder = mkdtempSync(join(tmpdir(), "hiddenstate-seq2seq-"));
  const peer = options.peer ? await peerIn(folder) : undefined;
  model.eval();
  try {
    for (const beams of [1, 5])
      for (const batch of [1, 32]) {
        if (!wants(batch === 1 ? "decode" : "batch")) continue;
        await compare(peer, beams, batch);
      }
  } finally {
    peer?.stop();
    rmSync(folder, { recursive: true });
  }
}

/** Turns of both sides over all sentences. */
async function compare(peer, beams, batch) {
  const turn = batch === 1 ? TURN : 4 * batch;
  const chosen = sources.slice(0, options.sentences);
  // The end mark is left out up to the last step.
  const search = { beams, minLength: LENGTH, maxLength: LENGTH, lengthPenalty: "none" };
  const ours = (texts) => {
    if (batch === 1) return texts.map((text) => model.predict(text, search));
    const all = [];
    for (let at = 0; at < texts.length; at += batch)
      all.push(...model.predictBatch(texts.slice(at, at + batch), search));
    return all;
  };
  const theirs = (texts) =>
    peer.ask({
      beams,
      length: LENGTH,
      batch,
      sources: texts.map((text) => [...model.source.encode(text)]),
    });
  ours(chosen.slice(0, 2 * turn));
  await (peer && theirs(chosen.slice(0, turn)));
  const sums = { own: 0, other: 0, same: 0, texts: 0 };
  const ratios = [];
  for (let round = 0; round < options.rounds; round++)
    for (let at = 0; at < chosen.length; at += turn) {
      const texts = chosen.slice(at, at + turn);
      const began = cpuSeconds();
      const written = ours(texts);
      const own = cpuSeconds() - began;
      sums.own += own;
      sums.texts += texts.length;
      if (!peer) continue;
      const { seconds, texts: found } = await theirs(texts);
      sums.other += seconds;
      ratios.push(seconds / own);
      found.forEach((ids, i) => (sums.same += Number(model.target.text(ids) === written[i].text)));
    }
  const each = (seconds) => `${((1e3 * seconds) / sums.texts).toFixed(2)} ms`;
  const { javascript, functions } = profiled(() => ours(chosen.slice(0, 8 * TURN)));
  const beside = () => {
    ratios.sort((a, b) => a - b);
    const [low, middle, high] = [0.1, 0.5, 0.9].map((q) =>
      ratios[Math.floor(q * ratios.length)].toFixed(2),
    );
    return (
      `, PyTorch ${each(sums.other)}: ${(sums.other / sums.own).toFixed(2)} times as fast ` +
      `(a turn: median ${middle}, a tenth below ${low}, a tenth above ${high}); ${percent(sums.same / sums.texts)} of the texts the same`
    );
  };
  console.log(
    `${beams === 1 ? "greedy" : `${beams} beams`}, ${batch === 1 ? "one by one" : `batches of ${batch}`}: ${each(sums.own)} a sentence, ` +
      `JavaScript ${percent(javascript)}${peer ? beside() : ""}`,
  );
  tell(functions);
}

function peerIn(folder) {
  const weights = join(folder, "weights.safetensors");
  writeFileSync(weights, saveSafetensors(model.stateDict()));
  const { env, line } = fastestCore();
  console.log(line);
  const script = fileURLToPath(new URL("peer.py", import.meta.url));
  const pinned = options.core === undefined ? [] : ["taskset", "-c", String(options.core)];
  return startPeer([...pinned, python, script, weights], env);
}

function tell(functions) {
  if (!options.functions) return;
  for (const { name, share } of functions.slice(0, 25))
    console.log(`  ${percent(share).padStart(7)}  ${name}`);
}

function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}
