// For Node: `main.mjs model.onnx`.
import { readFileSync } from "node:fs";
import { run } from "./run.mjs";

console.log(JSON.stringify(await run(readFileSync(process.argv[2]))));
