// The microphone in Chromium, which hears a file: the page must find the tone that is in it.
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as esbuild from "esbuild";
import { browsers, visit } from "./browsers.mjs";
import { attempt } from "./rows.mjs";

const TONE = 1000;
const RATE = 48000;
const POLICY = {
  "content-security-policy": "script-src 'self' 'wasm-unsafe-eval' blob:",
};
const [chromium] = browsers;

export const microphone = {
  name: "Chromium's microphone",
  extra: true,
  missing: () => (chromium.installed() ? [] : chromium.debian),
  async *rows(application) {
    const folder = await site(application);
    const wav = join(folder, "tone.wav");
    const audio = join(application.folder, "node_modules/hiddenstate/dist/audio/index.js");
    const { writeWav } = await import(pathToFileURL(audio).href);
    const samples = Float32Array.from(
      { length: 2 * RATE },
      (_, i) => 0.5 * Math.sin((2 * Math.PI * TONE * i) / RATE),
    );
    writeFileSync(wav, writeWav({ sampleRate: RATE, channels: [samples] }));
    const hearing = {
      ...chromium,
      command: (home) => [
        ...chromium.command(home),
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        `--use-file-for-fake-audio-capture=${wav}`,
      ],
    };
    for (const [place, headers] of Object.entries({ "a page": {}, "a page with a CSP": POLICY }))
      yield await attempt(
        { name: this.name, place, version: chromium.version(), example: true },
        async () => {
          const heard = await visit(hearing, "/microphone.html", { folder, headers });
          if (heard.error) throw new Error(`${heard.error.name}: ${heard.error.message}`);
          if (!(Math.abs(heard.frequency - TONE) < 32) || heard.ended !== "AbortError")
            throw new Error(`heard ${JSON.stringify(heard)}`);
          return { note: `heard ${heard.frequency} Hz in ${heard.chunks} chunks` };
        },
      );
  },
};

async function site(application) {
  const folder = join(application.folder, "microphone");
  await esbuild.build({
    absWorkingDir: join(application.folder, "browser"),
    entryPoints: ["microphone.mjs"],
    outdir: folder,
    bundle: true,
    splitting: true,
    format: "esm",
    logLevel: "silent",
  });
  cpSync(join(application.folder, "browser/microphone.html"), join(folder, "microphone.html"));
  return folder;
}
