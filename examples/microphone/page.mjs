// Log-mel frames and text while one speaks. A pause ends an utterance, which then stands in the list.
import { microphone, SpeechRecognizer } from "./hiddenstate.js";

/** Seconds without a new label that end an utterance. */
const PAUSE = 1;

const at = (id) => document.getElementById(id);
const [button, state, canvas] = [at("listen"), at("state"), at("frames")];
const response = await fetch("model.safetensors");
const model = SpeechRecognizer.load(new Uint8Array(await response.arrayBuffer()));
canvas.height = model.input.extractor.size;
const brush = canvas.getContext("2d", { willReadFrequently: true });
state.textContent = "";
button.disabled = false;

let ending;
button.addEventListener("click", () => {
  if (ending) return ending.abort();
  ending = new AbortController();
  button.textContent = "Stop";
  void listen(ending.signal).finally(() => {
    ending = undefined;
    button.textContent = "Listen";
  });
});

async function listen(signal) {
  const { sampleRate } = model;
  const stream = model.stream();
  const features = model.input.extractor.stream();
  // What makes telephones pleasant takes from what was learnt of recordings.
  const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  let [heard, worked] = [0, 0];
  try {
    for await (const samples of microphone({ sampleRate, constraints: plain, signal })) {
      const began = performance.now();
      // The text first: who speaks waits for it.
      const { text, final, silence } = stream.push(samples);
      show(final, text.slice(final.length));
      draw(features.push(samples));
      worked += performance.now() - began;
      heard += samples.length / sampleRate;
      state.textContent = `${((worked / heard / 1000) * 100).toFixed(1)} % of the time is spent on hearing`;
      if (text === "" || silence < PAUSE) continue;
      say(stream);
      stream.reset();
    }
  } catch (error) {
    if (!signal.aborted) state.textContent = error.message;
  }
  say(stream);
  stream.dispose();
}

function show(final, partial) {
  at("final").textContent = final;
  at("partial").textContent = partial;
}

/** Ends an utterance. */
function say(stream) {
  const { text } = stream.end();
  show("", "");
  if (text === "") return;
  const line = document.createElement("li");
  line.textContent = text;
  at("said").prepend(line);
}

/** Each frame a column that comes in from the right, low frequencies below. */
function draw(frames) {
  const { width, height } = canvas;
  for (const frame of frames) {
    brush.drawImage(canvas, -1, 0);
    const column = brush.createImageData(1, height);
    frame.forEach((value, band) => {
      // Frames have mean 0 and deviation 1.
      const share = Math.min(1, Math.max(0, (value + 1.5) / 4));
      const place = 4 * (height - 1 - band);
      column.data.set(
        [255 * share, 200 * share * share, 32 + 120 * share * (1 - share), 255],
        place,
      );
    });
    brush.putImageData(column, width - 1, 0);
  }
}
