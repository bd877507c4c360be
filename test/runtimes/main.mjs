// For runtimes with a command line: `main.mjs plain`.
import { run } from "./program.mjs";

console.log(JSON.stringify(await run(process.argv[2])));
