// The microphone against stand-ins of what a browser has; scripts/runtimes/microphone.mjs runs it in one.
import { runInNewContext } from "node:vm";
import { afterEach, describe, expect, it, vi } from "vitest";
import { resample } from "../../src/audio/index.js";
import { BackendError } from "../../src/core/errors.js";
import { microphone, microphoneWorklet } from "../../src/platform/browser/index.js";
import { noise } from "../kernels/harness.js";

/** A page with a microphone at 48 kHz; `send` is what its worklet posts. */
function page() {
  const track = new EventTarget() as EventTarget & { stop: () => void };
  const log: string[] = [];
  track.stop = () => log.push("track stopped");
  const port: { onmessage?: (event: { data: Float32Array }) => void } = {};
  class AudioContext {
    readonly sampleRate = 48000;
    readonly audioWorklet = {
      addModule: (url: string) => Promise.resolve(void log.push(`module ${url.split(":")[0]}`)),
    };
    createMediaStreamSource = () => ({ connect: () => log.push("connected") });
    resume = () => Promise.resolve();
    close = () => Promise.resolve(void log.push("closed"));
  }
  class AudioWorkletNode {
    readonly port = port;
    constructor(
      _context: unknown,
      name: string,
      { processorOptions }: { processorOptions: object },
    ) {
      log.push(`${name} ${JSON.stringify(processorOptions)}`);
    }
  }
  const getUserMedia = vi.fn(() => Promise.resolve({ getTracks: () => [track] }));
  vi.stubGlobal("navigator", { mediaDevices: { getUserMedia } });
  vi.stubGlobal("AudioContext", AudioContext);
  vi.stubGlobal("AudioWorkletNode", AudioWorkletNode);
  const send = async (samples: Float32Array) => {
    while (!log.includes("connected")) await new Promise((resolve) => setTimeout(resolve));
    port.onmessage!({ data: samples });
  };
  return { track, log, send, getUserMedia };
}

afterEach(() => vi.unstubAllGlobals());

describe("microphone", () => {
  it("gives chunks, none lost, until the device ends", async () => {
    const { track, log, send, getUserMedia } = page();
    const heard: number[] = [];
    const loop = (async () => {
      const options = { chunkLength: 4, constraints: { echoCancellation: false } };
      for await (const samples of microphone(options)) {
        heard.push(...samples);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    })();
    for (let i = 0; i < 5; i++) await send(Float32Array.of(i, i));
    const all = [0, 0, 1, 1, 2, 2, 3, 3, 4, 4];
    await vi.waitFor(() => expect(heard).toEqual(all), { timeout: 20_000 });
    track.dispatchEvent(new Event("ended"));
    await loop;
    expect(getUserMedia).toHaveBeenCalledWith({ audio: { echoCancellation: false } });
    expect(log).toEqual([
      "module blob",
      'hiddenstate-microphone {"chunkLength":4}',
      "connected",
      "track stopped",
      "closed",
    ]);
  });

  it("resamples to the rate that is asked for", async () => {
    const { send } = page();
    const given = noise(480, 1);
    const heard: number[] = [];
    void send(given.subarray(0, 240)).then(() => send(given.subarray(240)));
    for await (const samples of microphone({ sampleRate: 16000, workletUrl: "/worklet.js" })) {
      heard.push(...samples);
      if (heard.length > 140) break;
    }
    expect(heard).toEqual([...resample(given, 48000, 16000)].slice(0, heard.length));
  });

  it("switches off when the loop is left, and throws the signal's reason", async () => {
    const left = page();
    void left.send(Float32Array.of(1));
    for await (const _ of microphone()) break;
    expect(left.log.slice(-2)).toEqual(["track stopped", "closed"]);

    const { log, send } = page();
    const ending = new AbortController();
    const loop = microphone({ signal: ending.signal });
    void send(Float32Array.of(1));
    await loop.next();
    ending.abort(new Error("enough"));
    await expect(loop.next()).rejects.toThrow("enough");
    expect(log.slice(-2)).toEqual(["track stopped", "closed"]);
    await expect(microphone({ signal: ending.signal }).next()).rejects.toThrow("enough");
  });

  it("says what a page without microphones needs", async () => {
    vi.stubGlobal("navigator", {});
    await expect(microphone().next()).rejects.toThrow(BackendError);
    await expect(microphone().next()).rejects.toThrow("https");
  });
});

it("the worklet fills chunks across blocks of 128 samples", () => {
  const posted: Float32Array[] = [];
  interface Processor {
    process(inputs: Float32Array[][]): boolean;
  }
  const registered: Record<string, new (options: object) => Processor> = {};
  runInNewContext(microphoneWorklet, {
    Float32Array,
    AudioWorkletProcessor: class {
      port = { postMessage: (chunk: Float32Array) => posted.push(chunk) };
    },
    registerProcessor: (name: string, type: new (options: object) => Processor) =>
      (registered[name] = type),
  });
  const processor = new registered["hiddenstate-microphone"]!({
    processorOptions: { chunkLength: 100 },
  });
  const given = noise(384, 2);
  expect(processor.process([[]])).toBe(true);
  for (let at = 0; at < 384; at += 128) processor.process([[given.subarray(at, at + 128)]]);
  expect(posted.map(({ length }) => length)).toEqual([100, 100, 100]);
  expect(posted.flatMap((chunk) => [...chunk])).toEqual([...given.subarray(0, 300)]);
});
