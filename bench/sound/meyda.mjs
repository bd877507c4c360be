// meyda's side of bench/sound/run.mjs.
import { readFileSync } from "node:fs";
import Meyda from "../peers/node_modules/meyda/dist/node/main.js";
import { measure } from "../measure.mjs";

const samples = new Float32Array(new Uint8Array(readFileSync(process.argv[2])).buffer);
const [size, hop] = [512, 160];
Object.assign(Meyda, { bufferSize: size, sampleRate: 16000, melBands: 40 });
Meyda.windowingFunction = "hanning";

const whole = await measure(() => {
  for (let at = 0; at + size <= samples.length; at += hop)
    Meyda.extract("melBands", samples.subarray(at, at + size));
});
console.log(JSON.stringify({ seconds: { whole: whole.min / 1000 } }));
