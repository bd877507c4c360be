import { forecaster } from "./model.js";

const forecast = fetch("/model.safetensors")
  .then((response) => response.arrayBuffer())
  .then((bytes) => forecaster(new Uint8Array(bytes)));

addEventListener("message", async ({ data: series }) => postMessage((await forecast)(series)));
