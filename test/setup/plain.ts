import { initSync } from "../../src/index.js";

initSync({ build: "plain" });
