// Events a second that a model of joint notes writes of one piece, an LSTM of 128; peer.py does the same in PyTorch with the same
// weights. Processor time, in turns, the best of each counts.
//   node bench/tasks/music/speed.mjs [--build plain] [--core 0]
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Option, program } from "commander";
import { backend, initSync, manualSeed } from "hiddenstate";
import { saveSafetensors } from "hiddenstate/io";
import { MusicModel } from "hiddenstate/models";
import { cpuSeconds } from "../../measure.mjs";
import { startPeer } from "../../peers/line-by-line.mjs";
import { fastestCore, python } from "../../peers/openblas.mjs";

const { build, rounds, steps, core } = program
  .addOption(new Option("--build <kernels>").choices(["plain", "relaxed"]).default("plain"))
  .option("--rounds <n>", "turns of both", Number, 10)
  .option("--steps <n>", "of the piece", Number, 400)
  .option("--core <number>", "pin both programs to this core (where taskset is there)", Number)
  .parse()
  .opts();
if (core !== undefined) spawnSync("taskset", ["-acp", String(core), String(process.pid)]);
initSync({ build });
manualSeed(1);
const model = new MusicModel({ hiddenSize: 128 });
const { network, events } = model;

/** Events a second of a piece. */
function own(seed) {
  const begin = cpuSeconds();
  const piece = model.generate({ steps, seed });
  const seconds = cpuSeconds() - begin;
  return events.encode(piece).length / seconds;
}

const folder = mkdtempSync(join(tmpdir(), "hiddenstate-music-"));
const weights = join(folder, "weights.safetensors");
writeFileSync(weights, saveSafetensors(network.stateDict()));
const { env, line } = fastestCore();
const script = fileURLToPath(new URL("peer.py", import.meta.url));
const pinned = core === undefined ? [] : ["taskset", "-c", String(core)];
const peer = await startPeer([...pinned, python, script, weights], env);

// Both say the same of the same events.
const given = Array.from(events.encode([[60, 64, 67], [], [59, 62, 67, 71]]));
const decoder = model.decoder();
const logits = new Float32Array(events.size);
for (const id of [0, ...given]) decoder.step(Int32Array.of(id), logits);
decoder.dispose();
const { logits: theirs } = await peer.ask({ events: given });
const away = Math.max(...theirs.map((value, i) => Math.abs(value - Math.max(logits[i], -1e30))));
if (!(away < 1e-4)) throw new Error(`logits differ by ${away}`);

// Both are warm before they are measured.
for (let seed = 0; seed < 5; seed++) own(seed);
await peer.ask({ steps, seed: 0 });
const best = { own: 0, peer: 0 };
for (let round = 0; round < rounds; round++) {
  best.own = Math.max(best.own, own(round));
  best.peer = Math.max(best.peer, (await peer.ask({ steps, seed: round })).eventsPerSecond);
}
peer.stop();
rmSync(folder, { recursive: true });
const { own: ours, peer: pytorch } = best;
console.log(`${cpus()[0].model}, Node ${process.versions.node}, ${backend().build}, one thread`);
console.log(line);
console.log(
  `${Math.round(ours)} events a second, PyTorch ${Math.round(pytorch)}: ${(ours / pytorch).toFixed(1)} times`,
);
