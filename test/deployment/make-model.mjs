// Writes a model to the files named, and prints what it forecasts after 1, 2, 3, 4.
import { writeFileSync } from "node:fs";
import { initSync, Linear, LSTM, manualSeed, saveSafetensors, Sequential } from "hiddenstate";
import { forecaster } from "./model.js";

initSync({ build: "plain" });
manualSeed(7);
const bytes = saveSafetensors(new Sequential(new LSTM(1, 16), new Linear(16, 1)).stateDict());
for (const file of process.argv.slice(2)) writeFileSync(file, bytes);
console.log(forecaster(bytes)([1, 2, 3, 4]));
