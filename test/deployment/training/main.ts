import { ByteStore } from "hiddenstate/browser";
import { trainingCurve } from "hiddenstate/inspect";
import { readings } from "./data.js";
import type { Message } from "./worker.js";

const [progress, chart, status, stop] = ["progress", "figure", "output", "button"].map((name) =>
  document.querySelector(name)!,
) as [HTMLProgressElement, HTMLElement, HTMLOutputElement, HTMLButtonElement];

const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
const losses: number[] = [];
let drawn = 0;

/** At most once a frame, however many steps there were. */
function draw(): void {
  if (losses.length > drawn) {
    drawn = losses.length;
    chart.innerHTML = trainingCurve({ train: losses }, { smoothing: 5 });
  }
  if (status.value === "") requestAnimationFrame(draw);
}

worker.onmessage = async ({ data }: MessageEvent<Message>) => {
  if ("step" in data) {
    losses.push(data.loss);
    progress.value = data.step / data.steps;
  } else if ("model" in data) {
    const store = await ByteStore.open("models");
    await store.put("sensor", data.model);
    status.value = `accuracy ${data.accuracy}`;
  } else status.value = data.stopped;
};
stop.onclick = () => worker.postMessage("stop");
worker.postMessage(readings(640));
requestAnimationFrame(draw);
