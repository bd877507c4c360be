import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { answer, forecaster } from "../../model.js";

const forecast = readFile(join(process.cwd(), "model.safetensors")).then(forecaster);

export async function GET(request) {
  return answer(request, await forecast);
}
