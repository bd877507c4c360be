// "From PyTorch to a stream in a page" of docs/onnx.md: PyTorch exports the file, the page streams it in Chromium, and
// each step says what PyTorch says of the sequence.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { root } from "../package-entries.mjs";
import { browsers, visit } from "./browsers.mjs";
import { execute, parse, TIMEOUT } from "./execute.mjs";
import { attempt } from "./rows.mjs";

const TOLERANCE = 1e-5;
const PYTHON = "/usr/bin/python3";
const [chromium] = browsers;

export const onnxPage = {
  name: "a PyTorch model streamed",
  missing: () => [
    ...(chromium.installed() ? [] : chromium.debian),
    ...(spawnSync(PYTHON, ["-c", "import torch"]).status === 0 ? [] : ["python3-torch"]),
  ],
  async *rows(application) {
    const label = { name: this.name, place: "a page", example: true };
    yield await attempt({ ...label, version: chromium.version() }, async () => {
      const folder = join(application.folder, "onnx-page");
      mkdirSync(folder);
      const { torch, frames, said } = exported(folder, blockOf("python"));
      writeFileSync(join(folder, "index.html"), pageOf(application.folder, frames));
      const visited = await visit(chromium, "/onnx-page/", { folder: application.folder });
      if (visited.error) throw new Error(`${visited.error.name}: ${visited.error.message}`);
      const [expected, got] = [said.flat(), visited.shown.flat()];
      const distance = Math.max(...expected.map((x, i) => Math.abs(x - got[i])));
      if (!(got.length === expected.length && distance <= TOLERANCE))
        throw new Error(`${got.length} numbers of ${expected.length}, ${distance} away`);
      const away = distance.toExponential(0);
      return { note: `${frames.length} steps, ${away} from PyTorch ${torch}` };
    });
  },
};

/** The first block of a language under the heading. */
function blockOf(language) {
  const page = readFileSync(join(root, "docs/onnx.md"), "utf8");
  const [, part] = page.split("## From PyTorch to a stream in a page");
  return new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, "m").exec(part)[1];
}

/** Exports the model of the guide, and gives frames with what PyTorch says of them. */
function exported(folder, program) {
  const seeded = program.replace("import torch\n", "import torch\ntorch.manual_seed(1)\n");
  const frames = readFileSync(join(root, "test/runtimes/onnx/steps.py"), "utf8");
  return parse(execute(PYTHON, ["-c", `${seeded}\n${frames}`], folder, { timeout: TIMEOUT }));
}

/** The guide's page, with an import map before it, and frames at its end. */
function pageOf(application, frames) {
  const drive = `
  const { orError, report } = await import("/browser/report.mjs");
  report(() => orError(() => {
    ${JSON.stringify(frames)}.forEach((frame) => onFrame(Float32Array.from(frame)));
    return { shown };
  }));
</script>`;
  return `<!doctype html>
<meta charset="utf-8" />
<script type="importmap">${JSON.stringify({ imports: importsOf(application) })}</script>
<script>
  const shown = [];
  const show = (numbers) => shown.push([...numbers]);
</script>
${blockOf("html").replace("</script>", drive)}`;
}

/** Where a page without a bundler finds the package's entries and kernels. */
function importsOf(application) {
  const path = "/node_modules/hiddenstate";
  const folder = join(application, path);
  const { exports } = parse(readFileSync(join(folder, "package.json"), "utf8"));
  const entries = Object.entries(exports).flatMap(([name, { default: file }]) =>
    file ? [[posix.join("hiddenstate", name), posix.join(path, file)]] : [],
  );
  const kernels = readdirSync(join(folder, "dist/kernels"))
    .filter((file) => /^\w+\.js$/.test(file))
    .map((file) => [`#kernels/${file.slice(0, -3)}`, `${path}/dist/kernels/${file}`]);
  return Object.fromEntries([...entries, ...kernels]);
}
