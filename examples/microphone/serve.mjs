// Serves a page that writes what it hears, on this machine only:
//   npx hiddenstate train --task speech --train digits.tsv --streaming --out live.safetensors
//   node examples/microphone/serve.mjs --model live.safetensors
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { SpeechRecognizer } from "hiddenstate/infer/models";

const { model, port } = parseArgs({
  options: { model: { type: "string" }, port: { type: "string", default: "8080" } },
}).values;
if (model === undefined)
  stop("--model FILE is missing: a file of train --task speech --streaming.");

/** The model, read here so that a wrong file is told before the page is opened. */
const bytes = readFileSync(model);
if (!SpeechRecognizer.load(bytes).streaming)
  stop(`${model} reads whole recordings: train it with --streaming.`);

const own = (name) => readFileSync(new URL(name, import.meta.url));
const JAVASCRIPT = "text/javascript";
const files = {
  "/": ["text/html; charset=utf-8", own("index.html")],
  "/page.mjs": [JAVASCRIPT, own("page.mjs")],
  "/hiddenstate.js": [JAVASCRIPT, own("../../dist/hiddenstate.bundle.js")],
  "/model.safetensors": ["application/octet-stream", bytes],
};

const server = createServer(({ url }, response) => {
  const [type, content] = files[new URL(url, "http://localhost").pathname] ?? [];
  if (!content) return response.writeHead(404).end();
  response.writeHead(200, { "content-type": type }).end(content);
});
// Browsers allow microphones over https and from localhost.
server.listen(Number(port), "127.0.0.1", () =>
  console.log(`http://localhost:${server.address().port}`),
);

function stop(reason) {
  console.error(reason);
  process.exit(2);
}
