// The scheduler of bulk scoring: a file in parts, their answers in order.
import { basename } from "node:path";
import { SingleBar } from "cli-progress";
import { Assembly } from "./assemble.mjs";
import { partsOf } from "./lines.mjs";
import { loadModel } from "./model.mjs";
import { digest, digestOf, readBytes, required } from "./store.mjs";

/** Without a terminal a line tells of each tenth. */
const LINES = 10;

/** Parts that are written before the file is flushed and noted, at the most. */
const UNSAVED = 32;

/**
 * Scores the lines of a file of the store.
 *
 * @param {{ model: string, data: string, out: string, bytes: number, format: string, field?: string, keep?: boolean,
 *   store: import("./store.mjs").Store, delivery: import("./deliver.mjs").Delivery, say: (line: string) => void }} options
 *   `bytes`: of a part. `keep`: leave the parts in the store
 */
export async function score({
  model,
  data,
  out,
  bytes,
  format,
  field,
  keep,
  store,
  delivery,
  say,
}) {
  const [file, weights] = [
    await required(store, data, "score"),
    await required(store, model, "score"),
  ];
  // What cannot answer lines is refused here, not by each worker.
  loadModel(await readBytes(store, model));
  const contents = await digestOf(store, model);
  const run = digest(JSON.stringify([data, file, contents, bytes, format, field]));
  const folder = `fleet/scores/${run}`;
  const parts = partsOf(file.size, bytes);
  const assembly = await Assembly.open({ out, run, store });
  const first = assembly.parts;
  say(
    `${data}: ${file.size} bytes in ${parts} parts${first > 0 ? `, ${first} of them done` : ""}.`,
  );
  const shown = progressOf(parts, first);
  const waiting = new Map();
  try {
    for await (const { task, result } of delivery.results(tasks(first))) {
      waiting.set(task.data.part, result);
      let unsaved = 0;
      for (let next; (next = waiting.get(assembly.parts));) {
        waiting.delete(assembly.parts);
        await assembly.add(next, basename(data));
        if (++unsaved % UNSAVED === 0) await assembly.save();
      }
      if (unsaved > 0) await assembly.save();
      shown.update(assembly, await delivery.workersSeen());
    }
    await assembly.finish();
  } catch (error) {
    await assembly.close();
    throw error;
  } finally {
    shown.stop();
  }
  if (!keep) await removed();
  const { lines, refused } = assembly;
  say(`${lines} lines scored, in ${out}.`);
  if (refused > 0) say(`${refused} of them were refused: ${out}.refused names them.`);
  return { lines, refused };

  /** @returns {Generator<import("./deliver.mjs").Task>} */
  function* tasks(from) {
    for (let part = from; part < parts; part++)
      yield {
        id: `score-${run}-${part}`,
        kind: "chunk",
        data: {
          ...{ folder, part, bytes, format, field },
          file: { key: data, size: file.size },
          model: { key: model, version: weights.version, digest: contents },
        },
        result: resultOf(part),
      };
  }

  function resultOf(part) {
    return `${folder}/part-${String(part).padStart(8, "0")}.json`;
  }

  async function removed() {
    for (let part = 0; part < parts; part++) {
      const found = await store.stat(resultOf(part));
      if (!found) continue;
      const { key } = JSON.parse((await readBytes(store, resultOf(part))).toString("utf8"));
      await store.remove(key);
      await store.remove(resultOf(part));
    }
  }
}

/** A bar on a terminal, lines elsewhere. */
function progressOf(total, first) {
  if (process.stderr.isTTY) {
    const bar = new SingleBar({
      format: "{bar} {value}/{total} parts, {lines} lines, {workers} workers, {eta_formatted} left",
      hideCursor: true,
    });
    bar.start(total, first, { lines: 0, workers: "?" });
    return {
      update: ({ parts, lines }, workers) => bar.update(parts, { lines, workers }),
      stop: () => bar.stop(),
    };
  }
  let next = first;
  return {
    update({ parts, lines }, workers) {
      if (parts < next && parts < total) return;
      next = parts + Math.ceil(total / LINES);
      console.error(`${parts}/${total} parts, ${lines} lines, ${workers} workers`);
    },
    stop() {},
  };
}
