// The library itself: node bench/hiddenstate.mjs WORKLOAD.json plain|relaxed
import { readFileSync } from "node:fs";
import { initSync } from "hiddenstate";
import { contest } from "./contest.mjs";
import { measure, readWorkload, report } from "./measure.mjs";

const build = process.argv[3];
initSync({ build });
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url)));
const { call, check } = contest(readWorkload());
report({ name: `hiddenstate ${build}`, version, check: check(), times: await measure(call) });
