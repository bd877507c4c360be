// This library's side of bench/sound/run.mjs.
import { readFileSync } from "node:fs";
import { init, scope } from "../../dist/index.js";
import { FeatureExtractor } from "../../dist/audio/index.js";
import { measure } from "../measure.mjs";

const [file, build] = process.argv.slice(2);
await init({ build });
const samples = new Float32Array(new Uint8Array(readFileSync(file)).buffer);
const extractor = new FeatureExtractor({ sampleRate: 16000, nFft: 512, hopLength: 160, nMels: 40 });

const whole = await measure(() => scope(() => void extractor.extract(samples)));
const streamed = await measure(() => {
  const stream = extractor.stream();
  for (let at = 0; at < samples.length; at += 160) stream.push(samples.subarray(at, at + 160));
  stream.end();
});
const seconds = { whole: whole.min / 1000, streamed: streamed.min / 1000 };
console.log(JSON.stringify({ seconds }));
