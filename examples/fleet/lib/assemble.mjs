// The answers of all parts in one file, in order and each once. What is in it is known by a note beside it: after a crash the file is
// cut back to that.
import { open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { FleetError } from "./errors.mjs";

/** Answers and refused lines, as they grow. */
export class Assembly {
  #paths;
  #run;
  #store;
  #files;
  /** Parts that are in the files. */
  parts = 0;
  lines = 0;
  refused = 0;
  #answersEnd = 0;
  #refusedEnd = 0;

  /**
   * @param {{ out: string, run: string, store: import("./store.mjs").Store }} options
   *   `run`: what is scored and how; a file of another run is not gone on with
   */
  static async open({ out, run, store }) {
    const paths = {
      answers: out,
      refused: `${out}.refused`,
      note: `${out}.note`,
      lock: `${out}.lock`,
    };
    await locked(paths.lock);
    const assembly = new Assembly();
    assembly.#paths = paths;
    assembly.#run = run;
    assembly.#store = store;
    const note = await readFile(paths.note, "utf8").then(JSON.parse, () => undefined);
    if (note?.run === run) {
      assembly.parts = note.parts;
      assembly.lines = note.lines;
      assembly.refused = note.refused;
      assembly.#answersEnd = note.answersEnd;
      assembly.#refusedEnd = note.refusedEnd;
    } else await assembly.#write();
    const [answers, refused] = [await opened(paths.answers), await opened(paths.refused)];
    assembly.#files = { answers, refused };
    await answers.truncate(assembly.#answersEnd);
    await refused.truncate(assembly.#refusedEnd);
    return assembly;
  }

  /**
   * Adds the next part.
   *
   * @param {{ key: string, bytes: number, lines: number, refused: [line: number, reason: string][] }} result
   * @param {string} name of the file that is scored
   */
  async add({ key, bytes, lines, refused }, name) {
    let at = this.#answersEnd;
    for await (const piece of await this.#store.get(key)) {
      await this.#files.answers.write(piece, 0, piece.length, at);
      at += piece.length;
    }
    if (at - this.#answersEnd !== bytes)
      throw new FleetError({
        op: "score",
        expected: `${bytes} bytes in ${key}`,
        got: String(at - this.#answersEnd),
        cure: "Was it changed by something else? Remove it and its .json, then run the command again.",
      });
    const told = refused.map(([line, reason]) => `${name}:${this.lines + line + 1}: ${reason}\n`);
    const text = Buffer.from(told.join(""));
    await this.#files.refused.write(text, 0, text.length, this.#refusedEnd);
    this.#answersEnd = at;
    this.#refusedEnd += text.length;
    this.parts++;
    this.lines += lines;
    this.refused += refused.length;
  }

  /** What was added stays, whatever happens. */
  async save() {
    await this.#files.answers.sync();
    await this.#files.refused.sync();
    await this.#write();
  }

  async #write() {
    const { note } = this.#paths;
    const [answersEnd, refusedEnd] = [this.#answersEnd, this.#refusedEnd];
    const { parts, lines, refused } = this;
    const text = JSON.stringify({ run: this.#run, parts, lines, refused, answersEnd, refusedEnd });
    await writeFile(`${note}.tmp`, text, { flush: true });
    await rename(`${note}.tmp`, note);
  }

  async close() {
    await this.#files.answers.close();
    await this.#files.refused.close();
    await rm(this.#paths.lock, { force: true });
  }

  /** All is there: the note goes, and the list of refused lines where there are none. */
  async finish() {
    await this.save();
    await this.close();
    if (this.refused === 0) await rm(this.#paths.refused);
    await rm(this.#paths.note);
  }
}

/** To be written anywhere, whatever was in it. */
async function opened(path) {
  return open(path, "r+").catch(() => open(path, "w+"));
}

/** Two programs that write one file would spoil it. */
async function locked(path) {
  const holder = Number(await readFile(path, "utf8").catch(() => "0"));
  if (holder > 0 && holder !== process.pid && isAlive(holder))
    throw new FleetError({
      op: "score",
      expected: `${path.slice(0, -".lock".length)} to be written by one program`,
      got: `another one at work on it (process ${holder})`,
      cure: "Let it end, or name another --out.",
    });
  await writeFile(path, String(process.pid));
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
