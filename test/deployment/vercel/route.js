import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { forecaster, seriesOf } from "../../model.js";

const forecast = readFile(join(process.cwd(), "model.safetensors")).then(forecaster);

export async function GET(request) {
  return Response.json({ next: (await forecast)(seriesOf(request)) });
}
