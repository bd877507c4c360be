// A part of a file, scored: its answers go to the store as one object, named by the part and by what it holds, and then what the
// scheduler needs to know of it. Done twice it is the same.
import { digest, digestOf, readBytes, readJson, writeJson } from "./store.mjs";
import { FleetError } from "./errors.mjs";
import { linesOf } from "./lines.mjs";
import { loadModel } from "./model.mjs";
import { recordReader } from "./records.mjs";

/** Inputs that are answered together: a batch is of about one length. */
const TOGETHER = 256;

/** The model of the jobs before: a worker's process mostly goes on with the same one. */
let loaded = { version: "", model: undefined };

/**
 * @param {{ folder: string, part: number, bytes: number, file: { key: string, size: number }, format: string, field?: string,
 *   model: { key: string, version: string, digest: string } }} data
 * @param {{ store: import("./store.mjs").Store }} context
 */
export async function chunk(data, { store }) {
  const name = `${data.folder}/part-${String(data.part).padStart(8, "0")}`;
  const done = await readJson(store, `${name}.json`);
  if (done) return done;
  const model = await modelOf(store, data.model);
  const { answers, refused } = await answersOf(model, store, data);
  const bytes = Buffer.from(answers.map((answer) => `${answer}\n`).join(""));
  const key = `${name}-${digest(bytes)}.jsonl`;
  await store.put(key, bytes);
  const result = { key, bytes: bytes.length, lines: answers.length, refused };
  await writeJson(store, `${name}.json`, result);
  // What the queue is told: the rest may be long.
  return { part: data.part, lines: answers.length };
}

async function modelOf(store, { key, version, digest: expected }) {
  const name = `${key}\n${expected}`;
  if (loaded.version === name) return loaded.model;
  const now = await store.stat(key);
  // A changed version may hold the same bytes; those decide.
  if (now?.version !== version && (!now || (await digestOf(store, key)) !== expected))
    throw new FleetError({
      op: "score",
      expected: `${key} as it was when the scoring began`,
      got: now ? "other bytes" : "none",
      cure: "Put the model back, or begin anew.",
    });
  loaded = { version: name, model: await loadModel(await readBytes(store, key)) };
  return loaded.model;
}

/** A line of JSON for each line: what the model finds, or why the line was refused. */
async function answersOf(model, store, { part, bytes, file, format, field }) {
  const read = recordReader({ format, field });
  /** @type {string[]} */
  const answers = [];
  /** @type {[line: number, reason: string][]} */
  const refused = [];
  const refuse = (line, reason) => {
    refused.push([line, reason]);
    answers[line] = JSON.stringify({ refused: reason });
  };
  let waiting = [];
  const answer = () => {
    predicted(
      model,
      waiting,
      (line, found) => {
        answers[line] = JSON.stringify(found);
      },
      refuse,
    );
    waiting = [];
  };
  let line = 0;
  for await (const given of linesOf(store, file.key, { part, bytes, size: file.size })) {
    const { input, reason } = read(given, part === 0 && line === 0);
    if (reason === undefined) waiting.push({ line, input });
    else refuse(line, reason);
    line++;
    if (waiting.length >= TOGETHER) answer();
  }
  answer();
  refused.sort(([one], [other]) => one - other);
  return { answers, refused };
}

/** What the model says to many inputs. Where it refuses one, each is asked for alone. */
function predicted(model, asked, tell, refuse) {
  try {
    const found = model.predictBatch(asked.map(({ input }) => input));
    asked.forEach(({ line }, i) => tell(line, found[i]));
  } catch (error) {
    if (!("expected" in Object(error))) throw error;
    if (asked.length > 1) for (const one of asked) predicted(model, [one], tell, refuse);
    else refuse(asked[0].line, `expected ${error.expected}, got ${error.got}`);
  }
}
