// What is known of the trials while a sweep runs, and the table of it on a terminal.
import Table from "cli-table3";
import logUpdate from "log-update";

/** On a terminal the table is drawn anew so often; elsewhere a line tells of each rung. */
const REDRAW = 500;

/** Plain lines: a log has them too. */
const STYLE = { style: { head: [], border: [], compact: true } };

export class TrialsView {
  #rows;
  #plan;
  #timer;
  #rung = 0;
  metric = "score";

  /** @param {{ trial: number, options: Record<string, unknown> }[]} trials @param {import("./sweep-file.mjs").Sweep} plan */
  constructor(trials, plan) {
    this.#plan = plan;
    this.#rows = trials.map(({ trial, options }) => ({
      ...{ trial, options, curve: [], scores: [], state: "waits" },
    }));
  }

  get rows() {
    return this.#rows;
  }

  start() {
    if (process.stderr.isTTY)
      this.#timer = setInterval(() => logUpdate.stderr(this.#text()), REDRAW);
  }

  /** @param {number} rung @param {number[]} going */
  begin(rung, going) {
    this.#rung = rung;
    for (const row of this.#rows) {
      if (going.includes(row.trial)) row.state = "waits";
      else if (row.state === "paused") row.state = "left out";
    }
    if (this.#timer === undefined)
      console.error(
        `Rung ${rung + 1}, to step ${this.#plan.rungs[rung]}: trials ${going.join(", ")}.`,
      );
  }

  progress(trial, curve) {
    const row = this.#rows[trial - 1];
    // What comes late says nothing new.
    if (row.state === "waits") row.state = "trains";
    if (curve.length > row.curve.length) row.curve = curve;
    this.metric = curve[0]?.metric ?? this.metric;
  }

  result(rung, { trial, state, score, curve, reason }) {
    const row = this.#rows[trial - 1];
    Object.assign(row, { state, curve, reason });
    row.scores[rung] = score;
    this.metric = curve[0]?.metric ?? this.metric;
    if (this.#timer === undefined)
      console.error(
        `Trial ${trial}: ${state === "diverged" ? reason : `${this.metric} ${shown(score)}`}`,
      );
  }

  stop() {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    logUpdate.stderr(this.#text());
    logUpdate.stderr.done();
  }

  #text() {
    const { rungs, search } = this.#plan;
    const names = Object.keys(search);
    const table = new Table({
      head: [
        "trial",
        ...names,
        ...rungs.map((steps) => `at ${steps}`),
        "step",
        this.metric,
        "state",
      ],
      ...STYLE,
    });
    for (const { trial, options, curve, scores, state } of this.#rows) {
      const last = curve.at(-1);
      table.push([
        trial,
        ...names.map((name) => String(options[name])),
        ...rungs.map((_, rung) => shown(scores[rung])),
        last?.step ?? "",
        shown(last?.score),
        state,
      ]);
    }
    // A terminal cannot go back above its first line.
    const lines = table.toString().split("\n");
    const room = (process.stderr.rows ?? 40) - 3;
    const cut = lines.length > room ? [...lines.slice(0, room - 1), "…"] : lines;
    return `Rung ${this.#rung + 1} of ${rungs.length}\n${cut.join("\n")}`;
  }
}

/** @param {ReturnType<typeof import("./halving.mjs").tableOf>} rows @param {import("./sweep-file.mjs").Sweep} plan */
export function finalTable(rows, { rungs, search }) {
  const names = Object.keys(search);
  const table = new Table({
    head: ["", "trial", ...names, ...rungs.map((steps) => `at ${steps}`), "state"],
    ...STYLE,
  });
  for (const [i, { trial, options, scores, state }] of rows.entries())
    table.push([
      i + 1,
      trial,
      ...names.map((name) => String(options[name])),
      ...scores.map(shown),
      state,
    ]);
  return table.toString();
}

function shown(score) {
  return typeof score === "number" ? Number(score.toPrecision(4)) : "";
}
