import { initSync, manualSeed } from "../../src/index.js";

initSync({ build: "plain" });
// A worker runs several files: each begins as a program does.
manualSeed(0);
