// Samples from the microphone, by an AudioWorklet.
import { checkCall, checkCount } from "../../core/check.js";
import { checkLike, checkRecord } from "../../core/check-like.js";
import { BackendError } from "../../core/errors.js";

export interface MicrophoneOptions {
  /** Samples a second of what comes out; other rates of the device are resampled. Default: the device's. */
  sampleRate?: number | undefined;
  /** Samples of the device in a chunk. Default 1024, 21 ms at 48 kHz. */
  chunkLength?: number | undefined;
  /** What is asked of the device, such as `{ echoCancellation: false }`. Default: the browser's choice. */
  constraints?: MediaTrackConstraints | undefined;
  /** Ends it: the loop then throws the signal's reason. Default: none. */
  signal?: AbortSignal | undefined;
  /**
   * The address of {@link microphoneWorklet} as a file, for pages whose Content-Security-Policy does not allow `blob:` in
   * `script-src`. Default: a Blob's.
   */
  workletUrl?: string | URL | undefined;
}

const PROCESSOR = "hiddenstate-microphone";

/** The code that runs in the AudioWorklet, to be served as a file where {@link MicrophoneOptions.workletUrl} names one. */
export const microphoneWorklet = `registerProcessor("${PROCESSOR}", class extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    this.chunk = new Float32Array(processorOptions.chunkLength);
    this.length = 0;
  }
  process([[samples]]) {
    for (let from = 0; samples && from < samples.length;) {
      const part = samples.subarray(from, from + this.chunk.length - this.length);
      this.chunk.set(part, this.length);
      this.length += part.length;
      from += part.length;
      if (this.length < this.chunk.length) continue;
      this.port.postMessage(this.chunk.slice());
      this.length = 0;
    }
    return true;
  }
});
`;

const OP = "microphone";

/**
 * Samples from the microphone while they come in: one channel, in −1…1. The browser asks its user when the loop begins. Leaving the loop
 * switches the microphone off.
 *
 *     for await (const samples of microphone({ sampleRate: 16000 }))
 *       for (const frame of features.push(samples)) …
 *
 * Chunks that nobody takes wait, so that none is lost. It runs in pages, over https or on localhost.
 *
 * @throws BackendError where there are no microphones; what `getUserMedia` throws, such as a DOMException "NotAllowedError"; the
 *   signal's reason when the signal aborts
 */
export function microphone(options: MicrophoneOptions = {}): AsyncGenerator<Float32Array, void> {
  checkCall(
    OP,
    arguments,
    "{sampleRate:number chunkLength:number constraints:object signal:object workletUrl:string|URL}",
  );
  const { sampleRate, chunkLength = 1024, constraints, signal } = options;
  if (sampleRate !== undefined) checkCount(OP, "sampleRate", sampleRate);
  checkCount(OP, "chunkLength", chunkLength);
  if (constraints) checkRecord(OP, "constraints in an object", constraints);
  if (signal) checkLike(OP, "a signal", "addEventListener", signal);
  return samplesOf(options, chunkLength);
}

async function* samplesOf(
  { sampleRate, constraints, signal, workletUrl }: MicrophoneOptions,
  chunkLength: number,
): AsyncGenerator<Float32Array, void> {
  signal?.throwIfAborted();
  // Browsers leave it out of pages that are not secure.
  const { mediaDevices } = (globalThis.navigator ?? {}) as Partial<Navigator>;
  if (!mediaDevices)
    throw new BackendError({
      op: OP,
      expected: "a page that may use microphones",
      got: "none of navigator.mediaDevices",
      cure: "Serve the page over https, or from localhost.",
    });
  const stream = await mediaDevices.getUserMedia({ audio: constraints ?? true });
  const context = new AudioContext();
  const arrivals = new Arrivals();
  const stop = () => arrivals.end();
  try {
    signal?.throwIfAborted();
    signal?.addEventListener("abort", stop);
    for (const track of stream.getTracks()) track.addEventListener("ended", stop);
    await addWorklet(context, workletUrl);
    const node = new AudioWorkletNode(context, PROCESSOR, {
      numberOfOutputs: 0,
      channelCount: 1,
      channelCountMode: "explicit",
      processorOptions: { chunkLength },
    });
    node.port.onmessage = ({ data }: MessageEvent<Float32Array>) => arrivals.add(data);
    context.createMediaStreamSource(stream).connect(node);
    // Where the browser waits for a click it goes on then.
    void context.resume();
    const resampler = await resamplerFor(context.sampleRate, sampleRate);
    for await (const chunk of arrivals.chunks()) {
      const samples = resampler ? resampler.push(chunk) : chunk;
      if (samples.length > 0) yield samples;
    }
    signal?.throwIfAborted();
  } finally {
    signal?.removeEventListener("abort", stop);
    for (const track of stream.getTracks()) track.stop();
    await context.close();
  }
}

async function addWorklet(context: AudioContext, given: string | URL | undefined): Promise<void> {
  if (given !== undefined) return context.audioWorklet.addModule(given);
  const url = URL.createObjectURL(new Blob([microphoneWorklet], { type: "text/javascript" }));
  try {
    await context.audioWorklet.addModule(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Loaded where it is needed: it brings the kernels. */
async function resamplerFor(from: number, to: number | undefined) {
  if (to === undefined || to === from) return undefined;
  const { Resampler } = await import("../../audio/resample.js");
  return new Resampler(from, to);
}

/** Chunks between the worklet that sends them and the loop that takes them. */
class Arrivals {
  readonly #waiting: Float32Array[] = [];
  #ended = false;
  #wake: () => void = () => {};

  add(chunk: Float32Array): void {
    this.#waiting.push(chunk);
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async *chunks(): AsyncGenerator<Float32Array, void> {
    while (!this.#ended) {
      const chunk = this.#waiting.shift();
      if (chunk) yield chunk;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
