// For runtimes with a command line: `main.mjs plain`.
import { createRequire } from "node:module";
import * as imported from "hiddenstate";
import { run } from "./program.mjs";

const required = createRequire(import.meta.url)("hiddenstate");
const result = await run(process.argv[2]);
result.checks["require() gives what import gives"] = required.LSTM === imported.LSTM;
console.log(JSON.stringify(result));
