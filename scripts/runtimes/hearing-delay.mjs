// How long after a word a page shows it. All is told by the clock of the page: captured samples have the time at which the browser
// had their buffer, and what the page shows is noted behind the frame that draws it. So all that lies between counts: the browser's
// queues, the worklet's chunks, what waits on the page's thread, the model, and the frame.
import { SILENT } from "./spoken-digits.mjs";

/** Seconds between words; silence within one ("six", "eight") is shorter. */
const BETWEEN = 0.2;
/** Seconds without a word that end an utterance, as on the page. */
const PAUSE = 1;
/** Milliseconds after its time in which the quickest buffer must have come, on a busy machine too, if times are by the page's clock. */
const AT_ONCE = 1000;

/** Code for the page, before it asks for the microphone: notes what is captured, what comes to the page, and what is shown when. */
export const noteSoundAndText = `(${noteAll})()`;

function noteAll() {
  const notes = (globalThis.notes = { captured: [], chunks: [], shown: [] });
  const { mediaDevices } = navigator;
  const ask = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (constraints) => {
    const stream = await ask(constraints);
    void record(stream.getAudioTracks()[0].clone());
    return stream;
  };
  /** Beside the page's own way from the microphone, so that nothing of that is hidden. */
  async function record(track) {
    // Held: a processor that is collected ends in silence.
    globalThis.processor = new MediaStreamTrackProcessor({ track, maxBufferSize: 1000 });
    for await (const data of processor.readable) {
      const came = performance.now();
      const samples = new Float32Array(data.numberOfFrames);
      data.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
      const { timestamp, sampleRate: rate } = data;
      notes.captured.push({ rate, samples, came, time: timestamp / 1000 });
      data.close();
    }
  }
  globalThis.AudioWorkletNode = class extends AudioWorkletNode {
    constructor(context, ...others) {
      super(context, ...others);
      const { sampleRate: rate } = context;
      this.port.addEventListener("message", ({ data: samples }) =>
        notes.chunks.push({ rate, samples, came: performance.now() }),
      );
    }
  };
  const at = (id) => document.getElementById(id);
  new MutationObserver(() => {
    const note = { text: at("text").textContent, utterance: at("said").childElementCount };
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => notes.shown.push({ ...note, time: performance.now() });
      port2.postMessage(undefined);
    });
  }).observe(at("text"), { childList: true, characterData: true, subtree: true });
}

/** Code for the page: what was noted, samples as 16 bits. */
export const readNotes = `(() => {
  const whole = (sample) => Math.round(32767 * sample);
  const plain = (one) => ({ ...one, samples: Array.from(one.samples, whole) });
  return { ...notes, captured: notes.captured.map(plain), chunks: notes.chunks.map(plain) };
})()`;

/**
 * The delays of each word in milliseconds, until it is shown to stay:
 *
 * - `afterEnd`: from its last sound. A word that is known by its begin is shown before it has ended: below 0.
 * - `afterHeard`: from the step whose sound told it, by what the model says. It is the sum of
 *   `ahead`, of the sound that the step reads behind it, up to the end of a chunk; `delivery`, of that end to the page's thread; and
 *   `page`, until it is shown.
 *
 * @param utterances lists of the words that were said
 * @param model what the page hears by
 * @param Resampler the package's, as the page's microphone has it
 */
export function delaysOf({ captured, chunks, shown }, utterances, model, Resampler) {
  checkClock(captured);
  const [sound, received] = [new Recorded(captured), new Recorded(chunks)];
  if (sound.rate !== received.rate)
    throw new Error(`captured ${sound.rate} samples a second, received ${received.rate}`);
  const words = utterances.flatMap((said, utterance) =>
    said.map((word, place) => ({ word, place, utterance })),
  );
  const [ends, own] = [sound, received].map((one) => one.endsOfWords());
  for (const { length } of [ends, own])
    if (length !== words.length) throw new Error(`${length} words came of ${words.length}`);
  const states = heardAgain(received, model, Resampler);
  return words.map((word, i) => {
    const { time } = firstOf(word, shown);
    const { heard, read, came } = firstOf(word, states);
    // Where a place of what the page received was captured, as this word's end was.
    const captureOf = (place) => sound.timeOf(place + ends[i] - own[i]);
    return {
      word: word.word,
      afterEnd: time - sound.timeOf(ends[i]),
      afterHeard: time - captureOf(heard),
      ahead: captureOf(read) - captureOf(heard),
      delivery: came - captureOf(read),
      page: time - came,
    };
  });
}

/** From when on a word stands where it belongs, until its utterance ends. */
function firstOf({ word, place, utterance }, states) {
  let first;
  for (const state of states) {
    if (state.utterance !== utterance) continue;
    if (state.text.split(" ")[place] === word) first ??= state;
    else first = undefined;
  }
  if (!first) throw new Error(`"${word}" was never shown before its utterance had ended`);
  return first;
}

/** A buffer comes after its time, and at once when the page has nothing else to do. */
function checkClock(captured) {
  const waited = Math.min(...captured.map(({ time, came }) => came - time));
  // Browsers round the page's clock to 0.1 ms.
  if (!(waited > -1 && waited < AT_ONCE))
    throw new Error(`buffers came ${waited} ms after their time at the earliest`);
}

/** Samples that came in pieces. */
class Recorded {
  pieces;
  rate;
  /** The place behind each piece. */
  #behind;

  constructor(pieces) {
    let count = 0;
    this.pieces = pieces.map(({ samples, ...others }) => ({
      ...others,
      samples: Float32Array.from(samples, (sample) => sample / 32767),
    }));
    this.rate = pieces[0].rate;
    this.#behind = pieces.map(({ samples }) => (count += samples.length));
  }

  /** When a sample was captured: a device hands a piece over when its last one is there. */
  timeOf(place) {
    const found = this.#behind.findIndex((behind) => place <= behind);
    const piece = found < 0 ? this.#behind.length - 1 : found;
    return this.pieces[piece].time - ((this.#behind[piece] - place) / this.rate) * 1000;
  }

  /** The places of the words' last sounds. */
  endsOfWords() {
    const samples = this.pieces.flatMap((piece) => [...piece.samples]);
    const loud = [...samples.keys()].filter((place) => Math.abs(samples[place]) > SILENT);
    return loud.filter((place, i) => !(loud[i + 1] - place <= BETWEEN * this.rate));
  }
}

/** What the page has heard after each chunk, and when that came: the place of its last word's step, and the place behind what was read. */
function heardAgain({ pieces, rate }, model, Resampler) {
  const stream = model.stream();
  const resampler = new Resampler(rate, model.sampleRate);
  const states = [];
  let [utterance, read] = [0, 0];
  for (const { samples, came } of pieces) {
    read += samples.length;
    const { text, silence } = stream.push(resampler.push(samples));
    states.push({ text, utterance, heard: read - silence * rate, read, came });
    if (text === "" || silence < PAUSE) continue;
    stream.reset();
    utterance++;
  }
  stream.dispose();
  return states;
}
