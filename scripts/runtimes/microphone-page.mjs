// examples/microphone in Chromium, which hears digits that espeak-ng speaks: the page must write them, and soon.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../package-entries.mjs";
import { browsers, found } from "./browsers.mjs";
import { openPage } from "./devtools.mjs";
import { TIMEOUT, versionOf } from "./execute.mjs";
import { delaysOf, noteSoundAndText, readNotes } from "./hearing-delay.mjs";
import { attempt } from "./rows.mjs";
import { start } from "./servers.mjs";
import { SpokenDigits } from "./spoken-digits.mjs";

// An utterance ends a second behind its last label: words that are told by their ends stand where nothing is before them.
const SPOKEN = ["three one four", "six nine two five", "zero seven eight"].map((words) =>
  words.split(" "),
);
/** Milliseconds in which half of the words must stand, on any machine: 150 are meant, and printed is what they are. */
const AT_MOST = 5000;
const [chromium] = browsers;
/** To be looked at: it stays behind the run. */
const SCREENSHOT = join(root, ".cache/microphone-page.png");

export const microphonePage = {
  name: "examples/microphone",
  extra: true,
  missing: () => [
    ...(chromium.installed() ? [] : chromium.debian),
    ...(found("espeak-ng") ? [] : ["espeak-ng"]),
  ],
  async *rows(application) {
    const { name } = this;
    yield await attempt(
      { name, place: "a page", version: chromium.version(), example: true },
      async () => {
        const folder = application.fresh("microphone-page");
        const installed = join(application.folder, "node_modules/hiddenstate");
        const load = (file) => import(pathToFileURL(join(installed, "dist", file)).href);
        const audio = await load("audio/index.js");
        const digits = new SpokenDigits(folder, audio);
        const model = digits.learn(installed);
        const wav = digits.say(SPOKEN);
        const { said, state, notes, screenshot } = await hear(folder, installed, model, wav);
        writeFileSync(SCREENSHOT, screenshot);
        if (said.join() !== SPOKEN.map((words) => words.join(" ")).join())
          throw new Error(`wrote ${JSON.stringify(said)}`);
        const { SpeechRecognizer } = await load("infer/models/index.js");
        const recognizer = SpeechRecognizer.load(readFileSync(model));
        const delays = delaysOf(notes, SPOKEN, recognizer, audio.Resampler);
        const [middle] = middleAndMost(delays.map(({ afterHeard }) => afterHeard));
        if (!(middle < AT_MOST)) throw new Error(`a word is shown ${middle} ms after it is heard`);
        const speaker = `espeak-ng ${versionOf("espeak-ng", "--version")}`;
        const words = `heard ${delays.length} words by ${speaker}`;
        return { note: `${words}; ${describe(delays)}; ${state}` };
      },
    );
  },
};

/** Middle and largest delays in milliseconds. */
function describe(delays) {
  const told = (key) =>
    middleAndMost(delays.map((delay) => delay[key]))
      .map((time) => time.toFixed(0))
      .join(", ");
  return (
    `a word is shown (median, most) ${told("afterEnd")} ms after its end, ${told("afterHeard")} ms after what told it: ` +
    `${told("ahead")} ahead, ${told("delivery")} to the page, ${told("page")} in it`
  );
}

function middleAndMost(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [Math.floor, Math.ceil].map(
    (round) => sorted[round((values.length - 1) / 2)],
  );
  return [(low + high) / 2, sorted.at(-1)];
}

/** What the page has written when all utterances have ended, and when it showed what. */
async function hear(folder, installed, model, wav) {
  const serve = join(installed, "examples/microphone/serve.mjs");
  const server = await start(
    (port) => [process.execPath, serve, "--model", model, "--port", port],
    "/",
    { cwd: folder },
  );
  const hearing = {
    command: (home) => [
      ...chromium.command(home),
      "--use-fake-ui-for-media-stream",
      "--use-fake-device-for-media-stream",
      `--use-file-for-fake-audio-capture=${wav}%noloop`,
    ],
  };
  const page = await openPage(hearing, server.origin.replace("127.0.0.1", "localhost"));
  const until = async (condition) => {
    for (const began = Date.now(); Date.now() - began < TIMEOUT;) {
      const found = await page.evaluate(condition);
      if (found) return found;
      await new Promise((wake) => setTimeout(wake, 250));
    }
    throw new Error(
      `${condition} never came; the page says ${await page.evaluate("document.body.innerText")}`,
    );
  };
  try {
    await until(`document.querySelector("#listen")?.disabled === false`);
    await page.evaluate(noteSoundAndText);
    await page.evaluate(`document.querySelector("#listen").click()`);
    await until(`document.querySelectorAll("#said li").length >= ${SPOKEN.length}`);
    const said = await page.evaluate(
      `[...document.querySelectorAll("#said li")].map((line) => line.textContent).reverse()`,
    );
    const state = await page.evaluate(`document.querySelector("#state").textContent`);
    const notes = await page.evaluate(readNotes);
    return { said, state, notes, screenshot: await page.screenshot() };
  } finally {
    await page.close();
    await server.stop();
  }
}
