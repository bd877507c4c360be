// A second of the microphone at 16 kHz, its loudest frequency, and what ends it.
import { microphone } from "hiddenstate/browser";
import { FeatureExtractor } from "hiddenstate/audio";
import { orError, report } from "./report.mjs";

const RATE = 16000;
const SIZE = 1024;

async function listen() {
  const extractor = new FeatureExtractor({ features: "spectrogram", nFft: SIZE, hopLength: SIZE });
  const stream = extractor.stream();
  const powers = new Float64Array(extractor.size);
  const ending = new AbortController();
  let [chunks, frames] = [0, 0];
  try {
    for await (const samples of microphone({ sampleRate: RATE, signal: ending.signal })) {
      chunks++;
      for (const frame of stream.push(samples)) {
        frame.forEach((power, bin) => (powers[bin] += power));
        frames++;
      }
      if (frames >= 16) ending.abort();
    }
  } catch (error) {
    if (!ending.signal.aborted) throw error;
    const loudest = powers.indexOf(Math.max(...powers));
    return { frequency: (loudest * RATE) / SIZE, chunks, ended: error.name };
  }
}

report(() => orError(listen));
