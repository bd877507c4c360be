// A sweep as one page, which needs nothing beside itself: the curves of all trials, and their table. While the sweep runs it loads itself
// anew.
import { htmlPage, lineChart } from "hiddenstate/inspect";

/** So many curves can be told apart; they are those that came furthest. */
const MOST = 12;

const STYLE = `.trials{border-collapse:collapse;font-variant-numeric:tabular-nums}
.trials td,.trials th{padding:3px 14px 3px 0;text-align:left;border-bottom:1px solid #8884;white-space:nowrap}`;

/**
 * @param {{ title: string, plan: import("./sweep-file.mjs").Sweep, trials: { trial: number, options: Record<string, unknown> }[],
 *   view: import("./sweep-view.mjs").TrialsView, done: boolean }} sweep
 */
export function sweepPage({ title, plan, view, done }) {
  const every = Number(plan.options["evaluate-every"] ?? plan.rungs[0]);
  const rows = view.rows.filter(({ curve }) => curve.length > 0);
  const shown = [...rows]
    .sort((one, other) => other.curve.length - one.curve.length || one.trial - other.trial)
    .slice(0, MOST)
    .sort((one, other) => one.trial - other.trial);
  const chart = (heading, value) =>
    lineChart({
      title: heading,
      x: `evaluation, of ${every} steps each`,
      start: 1,
      series: shown.map(({ trial, curve }) => ({
        name: `trial ${trial}`,
        values: curve.map((point) => value(point) ?? NaN),
      })),
    });
  const few = rows.length > MOST ? ` (the ${MOST} that came furthest)` : "";
  const charts = [
    {
      heading: `On validation data: ${view.metric}${few}`,
      figure: chart(view.metric, ({ score }) => score),
    },
    { heading: "Loss in training", figure: chart("loss", ({ trainLoss }) => trainLoss) },
  ];
  const page = htmlPage(title, [
    ...(shown.length > 0 ? charts : [{ text: "No trial was evaluated yet." }]),
    { heading: "Trials", figure: tableOf(plan, view) },
  ]);
  return done ? page : page.replace("<title>", '<meta http-equiv="refresh" content="2"><title>');
}

function tableOf({ search, rungs }, { rows }) {
  const names = Object.keys(search);
  const cells = (tag, values) =>
    `<tr>${values.map((value) => `<${tag}>${escaped(value)}</${tag}>`).join("")}</tr>`;
  const body = rows.map(({ trial, options, scores, curve, state }) =>
    cells("td", [
      trial,
      ...names.map((name) => options[name]),
      ...rungs.map((_, rung) => scores[rung] ?? ""),
      curve.at(-1)?.step ?? "",
      state,
    ]),
  );
  const head = cells("th", ["trial", ...names, ...rungs.map((n) => `at ${n}`), "step", "state"]);
  return `<style>${STYLE}</style><table class="trials">${head}${body.join("")}</table>`;
}

function escaped(value) {
  const text = typeof value === "number" ? String(Number(value.toPrecision(5))) : String(value);
  return text.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign]);
}
