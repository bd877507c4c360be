import { answer, forecaster } from "./model.js";

const bytes = await Deno.readFile(new URL("model.safetensors", import.meta.url));
const forecast = forecaster(bytes);

Deno.serve((request) => answer(request, forecast));
