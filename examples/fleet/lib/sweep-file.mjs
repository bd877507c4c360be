// The file of a sweep: what is trained, what is tried, and how long. From it alone follow all trials.
import { parse } from "yaml";
import { manualSeed, rand } from "hiddenstate";
import { FleetError } from "./errors.mjs";

/** What a sweep's file may say. */
const KEYS = ["task", "data", "options", "search", "trials", "rungs", "eta", "seed"];

/**
 * @typedef {object} Sweep
 * @property {string} task
 * @property {Record<string, string | string[]>} data Options of `hiddenstate train` that are files, by their keys in the store.
 * @property {Record<string, unknown>} options Further options of it, the same for all trials.
 * @property {Record<string, unknown[] | Range>} search What is tried: lists, and ranges.
 * @property {number} trials
 * @property {number[]} rungs Steps of training, rising; the last ones are the whole training.
 * @property {number} eta At each rung one of so many trials goes on.
 * @property {number} seed
 * @typedef {{ from: number, to: number, scale: "linear" | "log", integer: boolean }} Range
 */

/** @param {string} text YAML or JSON @param {string} name of the file, for errors @returns {Sweep} */
export function readSweep(text, name) {
  const refuse = (expected, got, cure = undefined) => {
    throw new FleetError({ op: name, expected, got, cure });
  };
  let given;
  try {
    given = parse(text);
  } catch (cause) {
    refuse("YAML or JSON", cause.message.split("\n")[0]);
  }
  if (given === null || typeof given !== "object")
    refuse("task, data, search, rungs", String(given));
  const unknown = Object.keys(given).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) refuse(`keys among ${KEYS.join(", ")}`, unknown);
  const { task, data, options = {}, search = {}, rungs, eta = 3, seed = 1 } = given;
  if (typeof task !== "string") refuse("task: a task of hiddenstate train", String(task));
  if (typeof data?.train !== "string" && !Array.isArray(data?.train))
    refuse("data: { train: a key of the store }", JSON.stringify(data) ?? "none");
  const rising =
    Array.isArray(rungs) && rungs.every((n, i) => isCount(n) && n > (rungs[i - 1] ?? 0));
  if (!rising || rungs.length === 0)
    refuse(
      "rungs: rising numbers of steps, such as [100, 300, 900]",
      JSON.stringify(rungs) ?? "none",
    );
  if (!Number.isInteger(eta) || eta < 2) refuse("eta: a whole number from 2 on", String(eta));
  if (!isCount(seed + 1)) refuse("seed: a whole number", String(seed));
  const decided = ["steps", "epochs", "minutes", "out", "resume", "log", "pause-at", "task"];
  for (const each of [...Object.keys(options), ...Object.keys(search)])
    if (decided.includes(each) || each in data || (each in options && each in search))
      refuse(
        `each option once, and none of ${decided.join(", ")}`,
        each,
        "Steps are those of rungs.",
      );
  const every = options["evaluate-every"] ?? rungs[0];
  const off = rungs.find((steps) => steps % every !== 0);
  if (off !== undefined)
    refuse(
      `rungs that are multiples of evaluate-every (${every})`,
      String(off),
      "Trials are compared there.",
    );
  const read = Object.fromEntries(
    Object.entries(search).map(([option, tried]) => [option, triedOf(option, tried, refuse)]),
  );
  const points = gridOf(read).length;
  const drawn = Object.values(read).some((tried) => !Array.isArray(tried));
  const trials = given.trials ?? (drawn ? undefined : points);
  if (!isCount(trials)) refuse("trials: how many to draw from the ranges", String(trials));
  if (!drawn && trials > points)
    refuse(`at most ${points} trials, the points of the grid`, String(trials));
  return { task, data, options, search: read, trials, rungs, eta, seed };
}

const isCount = (value) => Number.isInteger(value) && value > 0;

/** A list, or a range with all that it means. */
function triedOf(option, tried, refuse) {
  if (Array.isArray(tried)) {
    if (tried.length === 0) refuse(`values of ${option}`, "an empty list");
    return tried;
  }
  const { from, to, scale = "linear", integer = false, ...rest } = Object(tried);
  const form = `${option}: a list, or { from, to, scale: linear or log, integer }`;
  if (Object.keys(rest).length > 0 || !(Number.isFinite(from) && from < to))
    refuse(form, JSON.stringify(tried));
  if (!["linear", "log"].includes(scale) || typeof integer !== "boolean")
    refuse(form, JSON.stringify(tried));
  if (scale === "log" && !(from > 0))
    refuse(`${option} above 0 on a logarithmic scale`, String(from));
  return { from, to, scale, integer };
}

/** All combinations of the lists. */
function gridOf(search) {
  return Object.entries(search)
    .filter(([, tried]) => Array.isArray(tried))
    .reduce(
      (points, [option, values]) =>
        points.flatMap((point) => values.map((value) => ({ ...point, [option]: value }))),
      [{}],
    );
}

/**
 * The trials, from 1 on: points of the grid in an order by chance, again from the first where they do not suffice, and numbers from the ranges.
 *
 * @param {Sweep} sweep
 * @returns {{ trial: number, options: Record<string, unknown> }[]}
 */
export function drawTrials({ search, trials, seed }) {
  manualSeed(seed);
  const grid = gridOf(search);
  const order = rand([grid.length])
    .toArray()
    .map((place, i) => ({ place, i }));
  order.sort((one, other) => one.place - other.place || one.i - other.i);
  const ranges = Object.entries(search).filter(([, tried]) => !Array.isArray(tried));
  const draws = rand([trials, Math.max(1, ranges.length)]).toArray();
  return draws.map((row, t) => ({
    trial: t + 1,
    options: {
      ...grid[order[t % grid.length].i],
      ...Object.fromEntries(ranges.map(([option, range], k) => [option, drawn(range, row[k])])),
    },
  }));
}

/** A number of a range, rounded to three digits: a command line shows it, and no engine's logarithm decides it. */
function drawn({ from, to, scale, integer }, share) {
  const value =
    scale === "log"
      ? Math.exp(Math.log(from) + share * Math.log(to / from))
      : from + share * (to - from);
  return integer ? Math.round(value) : Number(value.toPrecision(3));
}

/**
 * The command line of a trial behind `hiddenstate train`.
 *
 * @param {Sweep} sweep @param {Record<string, unknown>} own
 * @returns {string[]}
 */
export function argumentsOf({ task, data, options, rungs }, own) {
  const all = {
    ...data,
    "evaluate-every": rungs[0],
    ...options,
    ...own,
    steps: rungs.at(-1),
  };
  return ["--task", task, ...Object.entries(all).flatMap(([name, value]) => flags(name, value))];
}

function flags(name, value) {
  if (value === true) return [`--${name}`];
  if (value === false) return [`--no-${name}`];
  if (Array.isArray(value)) return [`--${name}`, ...value.map(String)];
  return [`--${name}`, String(value)];
}

/** The keys of the store that a sweep reads. Parallel files stand in one, with commas. @param {Sweep} sweep */
export function filesOf({ data }) {
  return Object.values(data)
    .flat()
    .flatMap((key) => String(key).split(","));
}
