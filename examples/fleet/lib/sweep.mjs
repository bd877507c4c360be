// The scheduler of a sweep. What it decides follows from the file and from results in the store: it may be ended and begun again.
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promoted, tableOf } from "./halving.mjs";
import { digest, readBytes, required, writeJson } from "./store.mjs";
import { argumentsOf, drawTrials, filesOf, readSweep } from "./sweep-file.mjs";
import { sweepPage } from "./sweep-page.mjs";
import { finalTable, TrialsView } from "./sweep-view.mjs";

/** The page is written at most so often. */
const REDRAW = 1000;

/**
 * Runs a sweep to its end, and gives the best trial.
 *
 * @param {string} file
 * @param {{ store: import("./store.mjs").Store, delivery: import("./deliver.mjs").Delivery, out: string,
 *   say: (line: string) => void }} options `out`: the folder that gets the model, the table and the page
 */
export async function sweep(file, { store, delivery, out, say }) {
  const plan = readSweep(await readFile(file, "utf8"), basename(file));
  const trials = drawTrials(plan);
  const versions = [];
  for (const key of filesOf(plan))
    versions.push((await required(store, key, basename(file))).version);
  // Another plan, or other data, are another sweep.
  const id = digest(JSON.stringify([plan, versions]));
  const folder = `fleet/sweeps/${id}`;
  await writeJson(store, `${folder}/plan.json`, { plan, trials });
  await mkdir(out, { recursive: true });

  const { rungs } = plan;
  const view = new TrialsView(trials, plan);
  const page = join(out, "curves.html");
  const pages = writer(page, () =>
    sweepPage({ title: basename(file), plan, trials, view, done: false }),
  );
  delivery.onProgress((jobId, { trial, curve } = {}) => {
    if (!jobId.startsWith(`sweep-${id}-`) || !curve) return;
    view.progress(trial, curve);
    pages.draw();
  });
  say(`${trials.length} trials, rungs at ${rungs.join(", ")} steps; curves: ${page}`);
  view.start();
  /** @type {Map<number, import("./halving.mjs").Result>[]} */
  const results = [];
  try {
    let going = trials.map(({ trial }) => trial);
    for (const [rung, steps] of rungs.entries()) {
      view.begin(rung, going);
      const found = new Map();
      for await (const { task, result } of delivery.results(
        going.map((trial) => taskOf(trial, rung)),
      )) {
        found.set(task.data.trial, result);
        view.result(rung, result);
        pages.draw();
      }
      results.push(found);
      if (steps !== rungs.at(-1)) going = promoted([...found.values()], plan.eta);
      if (going.length === 0) break;
    }
  } finally {
    view.stop();
    await pages.close();
  }

  const table = tableOf(trials, results);
  await replaced(join(out, "table.json"), `${JSON.stringify(table, null, 2)}\n`);
  await replaced(page, sweepPage({ title: basename(file), plan, trials, view, done: true }));
  console.log(finalTable(table, plan));
  const best = table[0];
  if (best.score === null) {
    say("No trial came to a score: all diverged. Lower the learning rates.");
    return undefined;
  }
  const model = join(out, "best.safetensors");
  await replaced(model, await readBytes(store, `${folderOf(best.trial)}/model.safetensors`));
  const command = `npx hiddenstate train ${argumentsOf(plan, best.options).map(quoted).join(" ")}`;
  console.log(
    `Best: trial ${best.trial}, ${view.metric} ${shown(best.score)} after step ${best.step}. Its model is ${model}.`,
  );
  console.log(
    `The command that trains it, where the data are:\n  ${command} --out best.safetensors`,
  );
  return { best, model, command };

  function folderOf(trial) {
    return `${folder}/trial-${String(trial).padStart(4, "0")}`;
  }

  /** @returns {import("./deliver.mjs").Task} */
  function taskOf(trial, rung) {
    const result = `${folderOf(trial)}/rung-${rung + 1}.json`;
    const data = {
      ...{
        trial,
        folder: folderOf(trial),
        result,
        steps: rungs[rung],
        final: rung === rungs.length - 1,
      },
      args: argumentsOf(plan, trials[trial - 1].options),
      files: filesOf(plan),
    };
    return { id: `sweep-${id}-${trial}-${rung + 1}`, kind: "trial", data, result };
  }
}

const shown = (score) => Number(score.toPrecision(5));

/** Writes a page now and then, one at a time. */
function writer(path, contents) {
  let writing = Promise.resolve();
  let timer;
  const write = () => (writing = writing.then(() => replaced(path, contents())));
  return {
    draw() {
      timer ??= setTimeout(() => {
        timer = undefined;
        write();
      }, REDRAW);
    },
    async close() {
      clearTimeout(timer);
      await writing;
    },
  };
}

/** A reader has the old contents or the new. */
async function replaced(path, contents) {
  await writeFile(`${path}.tmp`, contents);
  await rename(`${path}.tmp`, path);
}

/** As a shell takes it for one word. */
function quoted(word) {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
