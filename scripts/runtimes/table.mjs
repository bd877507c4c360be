// The rows as tables: all of them on the terminal, what a reader wants to know in the README.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as prettier from "prettier";
import { root } from "../package-entries.mjs";

const line = (cells) => `| ${cells.join(" | ")} |`;

export function printHead() {
  const columns = ["runs in", "version", "asked", "build", "kernels", "checksum", "distance", ""];
  console.log(line(columns));
  console.log(line(columns.map(() => "---")));
}

export function printRow(row) {
  const { asked, version, build, delivery, checksum, distance } = row;
  const far = distance?.toExponential(1);
  const cells = [placeOf(row), version, asked, build, delivery, checksum, far, verdictOn(row)];
  console.log(line(cells.map((cell) => cell ?? "")));
}

function placeOf({ name, place }) {
  return place ? `${name}, ${place}` : name;
}

function verdictOn({ faults, missing, refused, note }) {
  if (missing) return "not installed";
  if (refused) return `ok, refused: ${refused}`;
  if (note && faults.length === 0) return `ok, ${note}`;
  return faults.length === 0 ? "ok" : `FAILS: ${faults.join("; ")}`;
}
const MARKS = ["<!-- written by npm run test:runtimes -- --all --write-docs -->\n", "<!-- end -->"];

/** Puts the table into the README, between its marks. */
export async function writeTable(rows) {
  const file = join(root, "README.md");
  const text = readFileSync(file, "utf8");
  const [start, end] = MARKS.map((mark) => text.indexOf(mark));
  if (start < 0 || end < start) throw new Error(`${file} lacks the marks of the table`);
  const before = text.slice(0, start + MARKS[0].length);
  const written = `${before}\n${tableOf(rows)}\n\n${text.slice(end)}`;
  const options = await prettier.resolveConfig(file);
  writeFileSync(file, await prettier.format(written, { ...options, filepath: file }));
}

/** A line for each runtime: where in it the program ran, which trains, and how its default build compares. */
function tableOf(rows) {
  const programs = rows.filter(({ example, asked }) => !example && asked !== "infer");
  const lines = [...new Set(programs.map(({ name }) => name))].map((name) => {
    const own = programs.filter((row) => row.name === name);
    const places = [...new Set(own.map(({ place }) => place?.split(" with ")[0] ?? ""))];
    return line([name, own[0].version, places.join(", "), defaultOf(own)]);
  });
  const columns = ["in", "version", "where", "build by default"];
  return [line(columns), line(columns.map(() => "---")), ...lines].join("\n");
}

function defaultOf(rows) {
  const own = rows.filter(({ asked }) => asked === "auto");
  const builds = [...new Set(own.map(({ build }) => build))].join(", ");
  const distance = Math.max(...own.map((row) => row.distance));
  return distance === 0
    ? `${builds}, the same outputs`
    : `${builds}, ${distance.toExponential(0)} away`;
}
