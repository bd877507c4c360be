// Log-mel features beside meyda's and torchaudio's, one thread each: node bench/sound/run.mjs --help
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { program } from "commander";
import { python } from "../peers/openblas.mjs";
import { relaxed } from "../contestants.mjs";

const options = program
  .name("run")
  .description(
    "Frames of log-mel features a second of processor time, the most of many passes over a signal: frames of 512 " +
      "samples every 160 at 16 kHz, 40 filters. meyda: its melBands of each frame; the streams push 160 samples at a time.",
  )
  .option("--seconds <number>", "of sound", Number, 60)
  .option("-r, --rounds <number>", "how often each runs, in turns; the best counts", Number, 3)
  .parse()
  .opts();

const folder = mkdtempSync(join(tmpdir(), "hiddenstate-sound-"));
const file = join(folder, "signal.f32");
let state = 1;
const noise = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 31 - 1;
};
const samples = Float32Array.from(
  { length: options.seconds * 16000 },
  (_, i) => 0.3 * Math.sin(i * (0.05 + (i % 16000) / 1e5)) + 0.05 * noise(),
);
writeFileSync(file, new Uint8Array(samples.buffer));

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const contestants = [
  {
    name: "hiddenstate, plain",
    command: [process.execPath, path("hiddenstate.mjs"), file, "plain"],
  },
  {
    name: "hiddenstate, relaxed",
    command: [process.execPath, ...relaxed, path("hiddenstate.mjs"), file, "relaxed"],
  },
  { name: "meyda", command: [process.execPath, path("meyda.mjs"), file] },
  { name: "torchaudio", command: [python, path("pytorch.py"), file] },
];

const best = {};
for (let round = 0; round < options.rounds; round++)
  for (const { name, command } of contestants) {
    const { stdout, status } = spawnSync(command[0], command.slice(1), {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    });
    if (status !== 0) throw new Error(`${name} failed`);
    for (const [what, seconds] of Object.entries(JSON.parse(stdout).seconds)) {
      const key = what === "whole" ? name : `${name}, ${what}`;
      best[key] = Math.min(best[key] ?? Infinity, seconds);
    }
  }
rmSync(folder, { recursive: true });

const frames = Math.floor(samples.length / 160) + 1;
console.log(`${cpus()[0].model}, Node ${process.version}, ${options.seconds} s of sound`);
console.table(
  Object.fromEntries(
    Object.entries(best).map(([name, seconds]) => [
      name,
      {
        "ms in all": +(1000 * seconds).toFixed(2),
        "frames/s": Math.round(frames / seconds),
        "times meyda": +(best.meyda / seconds).toFixed(1),
        "% of real time": +((100 * seconds) / options.seconds).toFixed(4),
      },
    ]),
  ),
);
