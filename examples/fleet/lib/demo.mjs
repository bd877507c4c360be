// A sweep and bulk scoring on one machine, with data that are made.
import { mkdir, open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { withFleet } from "./local.mjs";
import { reviews } from "./made.mjs";
import { score } from "./score.mjs";
import { sweep } from "./sweep.mjs";

const SWEEP = `# What the demonstration tries: see docs/scale.md.
task: classifier
data: { train: reviews.tsv }
options: { embedding-size: 32, batch-size: 16, evaluate-every: 15 }
search:
  encoder: [convolutional, recurrent]
  learning-rate: { from: 0.001, to: 0.03, scale: log }
  dropout: { from: 0, to: 0.5 }
  seed: [1, 2]
trials: 9
rungs: [30, 90, 270]
`;

/** @param {{ dir: string, say: (line: string) => void }} options */
export async function demo({ dir, say }) {
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, "reviews.tsv"), reviews({ count: 1500, labelled: true, seed: 1 }));
  await writeFile(join(dir, "sweep.yaml"), SWEEP);
  process.chdir(dir);
  const options = { store: ".", workers: 2, lock: 10, window: 200, say };
  await withFleet(options, async ({ store, delivery }) => {
    say("1. A sweep of 9 trials.");
    const found = await sweep("sweep.yaml", { store, delivery, out: "sweep", say });
    say("\n2. 100,000 lines scored by the best model.");
    const file = await open("lines.txt", "w");
    for (let part = 0; part < 10; part++)
      await file.write(reviews({ count: 10_000, seed: 100 + part }));
    await file.close();
    const out = "answers.jsonl";
    await score({
      model: "sweep/best.safetensors",
      data: "lines.txt",
      out,
      bytes: 1 << 18,
      format: "text",
      store,
      delivery,
      say,
    });
    const [first] = (await readFile(out, "utf8")).split("\n");
    say(`The first of them: ${first}`);
    return found;
  });
}
