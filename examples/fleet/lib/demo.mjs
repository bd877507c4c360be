// A sweep and bulk scoring on one machine, with data that are made here: reviews whose words say what they think, some of them twice.
import { mkdir, open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { withFleet } from "./local.mjs";
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
      await file.write(reviews({ count: 10_000, labelled: false, seed: 100 + part }));
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

const WORDS =
  "the a film plot actor was with and some very scene end music story it in of that role".split(
    " ",
  );
const PRAISE = ["good", "fine", "great", "lovely", "bright", "warm"];
const BLAME = ["bad", "dull", "awful", "poor", "flat", "cold"];

/** Lines of text; labelled ones with their class behind a tab. */
function reviews({ count, labelled, seed }) {
  let state = seed;
  // Lehmer's generator (Park and Miller 1988).
  const below = (n) => (state = (state * 48271) % 2147483647) % n;
  const pick = (words) => words[below(words.length)];
  const lines = Array.from({ length: count }, () => {
    const good = below(2) === 1;
    const words = Array.from({ length: 6 + below(10) }, () => pick(WORDS));
    const say = (opinion, ...before) =>
      words.splice(below(words.length), 0, ...before, pick(opinion));
    // What is denied says the opposite: counting words does not suffice.
    if (below(3) === 0) say(good ? BLAME : PRAISE, "not");
    else say(good ? PRAISE : BLAME);
    return labelled ? `${words.join(" ")}\t${good ? "good" : "bad"}` : words.join(" ");
  });
  return `${labelled ? "text\tlabel\n" : ""}${lines.join("\n")}\n`;
}
