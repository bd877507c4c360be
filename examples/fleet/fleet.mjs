#!/usr/bin/env node
// The command `fleet`. docs/scale.md tells what it is for.
import { once } from "node:events";
import { basename, extname } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { demo } from "./lib/demo.mjs";
import { FleetError, Interrupted } from "./lib/errors.mjs";
import { withFleet } from "./lib/local.mjs";
import { FORMATS } from "./lib/records.mjs";
import { startRedis } from "./lib/redis.mjs";
import { score } from "./lib/score.mjs";
import { sweep } from "./lib/sweep.mjs";
import { work } from "./lib/worker.mjs";

const say = (line) => console.error(line);

function whole(least) {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least)
      throw new InvalidArgumentError(`Expected a whole number from ${least} on.`);
    return value;
  };
}

/** `65536`, `64k`, `2M` */
function bytes(text) {
  const [, number, unit] = /^(\d+)([kM]?)$/.exec(text) ?? [];
  const value = Number(number) * { "": 1, k: 1 << 10, M: 1 << 20 }[unit];
  if (!(value > 0)) throw new InvalidArgumentError("Expected bytes, such as 65536, 64k or 2M.");
  return value;
}

const REDIS = new Option("--redis <url>", "redis://host:port").env("FLEET_REDIS");
const STORE = new Option(
  "--store <folder>",
  "models, data, results: a folder, or a module with a store",
)
  .env("FLEET_STORE")
  .default(".");
const LOCK = new Option("--lock <seconds>", "a worker that is silent for so long has lost its job")
  .argParser(whole(1))
  .default(10);

/** What a scheduler takes. */
function scheduler(command) {
  return command
    .addOption(REDIS)
    .addOption(STORE)
    .option("--workers <n>", "workers of this machine, beside those elsewhere", whole(0), 0)
    .option("--window <n>", "jobs that are in Redis at once", whole(1), 200)
    .addOption(LOCK);
}

const program = new Command("fleet")
  .description("Sweeps and bulk scoring on many machines, by BullMQ and Redis.")
  .configureHelp({ showGlobalOptions: true })
  .showHelpAfterError("Add --help to see what it takes.")
  .addHelpText(
    "after",
    "\nWithout --redis a Redis of the program's own is started (redis-server must be installed).",
  );

scheduler(program.command("sweep").description("Try options of a training, by successive halving."))
  .argument("<file>", "what is tried: YAML or JSON")
  .option(
    "--out <folder>",
    "gets best.safetensors, table.json, curves.html (default: the file's name)",
  )
  .action(async (file, { out = basename(file, extname(file)), ...options }) => {
    await withFleet({ ...options, say }, (fleet) => sweep(file, { ...fleet, out, say }));
  });

scheduler(
  program.command("score").description("Have a model answer each line of a file, of any size."),
)
  .requiredOption("--model <key>", "a ready model, in the store")
  .requiredOption("--data <key>", "the file, in the store")
  .option(
    "--out <file>",
    "the answers, a line of JSON for each line (default: the data's name, .answers.jsonl)",
  )
  .option("--chunk <bytes>", "of a part: what a worker does in some seconds", bytes, 1 << 18)
  .addOption(
    new Option(
      "--format <kind>",
      Object.entries(FORMATS)
        .map((pair) => pair.join(": "))
        .join("; "),
    )
      .choices(Object.keys(FORMATS))
      .default("text"),
  )
  .option("--field <name>", "jsonl: the field of each object that is the input")
  .option("--keep", "leave the parts in the store")
  .action(async ({ out, chunk, ...options }, command) => {
    if (options.field !== undefined && options.format !== "jsonl")
      command.error("error: --field is of --format jsonl");
    const name = out ?? `${basename(options.data)}.answers.jsonl`;
    await withFleet({ ...options, say }, ({ store, delivery }) =>
      score({ ...options, out: name, bytes: chunk, store, delivery, say }),
    );
  });

program
  .command("worker")
  .description("Do jobs until a signal ends it. Start one for each core, on each machine.")
  .addOption(REDIS)
  .addOption(STORE)
  .addOption(LOCK)
  .option("--quiet", "tell of failures alone")
  .action(async ({ redis, quiet, ...options }, command) => {
    if (redis === undefined) command.error("error: a worker needs --redis, or FLEET_REDIS");
    const tell = (line) => {
      if (!quiet || !/^(Ready|Leaving)/.test(line)) say(`worker ${process.pid}: ${line}`);
    };
    await work({ ...options, url: redis, say: tell, signal: untilSignal() });
  });

program
  .command("redis")
  .description("Start a Redis on this machine, with persistence, until a signal ends it.")
  .option("--dir <folder>", "where it keeps its jobs", ".fleet/redis")
  .option("--port <n>", "(default: one that is free)", whole(1))
  .option(
    "--appendfsync <kind>",
    "always: no job is lost by a crash; everysec: those of a second",
    "everysec",
  )
  .option("--maxmemory <size>", "such as 200mb; 0: no limit", "0")
  .action(async (options) => {
    const signal = untilSignal();
    const server = await startRedis(options);
    console.log(server.url);
    await once(signal, "abort");
    await server.close();
  });

program
  .command("demo")
  .description("A sweep, and scoring by its best model, with two workers on this machine.")
  .option("--dir <folder>", "where it works", "fleet-demo")
  .action(({ dir }) => demo({ dir, say }));

/** Aborted by the first SIGINT, SIGTERM or SIGHUP. The next one ends the process. */
function untilSignal() {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(name, () => controller.abort());
  return controller.signal;
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof Interrupted) {
    console.error(error.message);
    // What was being waited for is waited for no more.
    process.exit(130);
  }
  if (!(error instanceof FleetError)) throw error;
  console.error(`${error.name}: ${error.message}`);
  process.exitCode = 1;
}
