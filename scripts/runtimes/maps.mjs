// The page of scatterPage in browsers: pointed at, searched, zoomed, moved, pinched, a group taken away.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../package-entries.mjs";
import { browsers, visit } from "./browsers.mjs";
import { attempt } from "./rows.mjs";

const [chromium] = browsers;
const POINTS = 10_000;

/** Runs in the page: what it declares is there by name. */
const DRIVE = String.raw`
const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
const send = (type, [px, py], more = {}) => {
  const box = canvas.getBoundingClientRect();
  const Kind = type === "wheel" ? WheelEvent : PointerEvent;
  canvas.dispatchEvent(new Kind(type, { clientX: px + box.left, clientY: py + box.top, pointerId: 1, pointerType: "mouse", bubbles: true, cancelable: true, ...more }));
};
// Made by hand, a pointer cannot be captured.
canvas.setPointerCapture = () => {};
async function drive() {
  await frame();
  const found = { label: "", zoomed: 0, moved: [], pinched: 0, matches: "", hides: 0, longest: 0 };
  const place = () => [placeX(77), placeY(77)].map(Math.round);
  send("pointermove", place());
  found.label = tip.textContent + (tip.hidden ? " (hidden)" : "");
  const before = scale;
  send("wheel", place(), { deltaY: -200 });
  found.zoomed = scale / before;
  const start = [left, top_];
  send("pointerdown", [100, 100]);
  send("pointermove", [130, 90]);
  send("pointerup", [130, 90]);
  found.moved = [left - start[0], top_ - start[1]];
  const wide = scale;
  send("pointerdown", [100, 100], { pointerType: "touch" });
  send("pointerdown", [200, 100], { pointerType: "touch", pointerId: 2 });
  send("pointermove", [300, 100], { pointerType: "touch", pointerId: 2 });
  for (const pointerId of [1, 2]) send("pointerup", [300, 100], { pointerType: "touch", pointerId });
  found.pinched = scale / wide;
  search.value = "WORD 123";
  search.dispatchEvent(new Event("input"));
  found.matches = byId("found").textContent;
  document.querySelector("li button").click();
  for (let i = 0; i < n; i++) found.hides += shows(i) ? 0 : 1;
  byId("whole").click();
  for (let i = 0; i < 20; i++) {
    const began = performance.now();
    draw();
    found.longest = Math.max(found.longest, performance.now() - began);
  }
  return found;
}
const answer = await drive().catch(({ name, message }) => ({ error: { name, message } }));
await fetch(new URLSearchParams(location.search).get("report"), { method: "POST", mode: "no-cors", body: JSON.stringify(answer) });
`;

const EXPECTED = {
  label: "word 77c",
  zoomed: Math.exp(0.5),
  moved: [30, -10],
  pinched: 2,
  matches: "11 found",
  hides: POINTS / 4,
};

async function page() {
  const { scatterPage } = await import(pathToFileURL(join(root, "dist/inspect/index.js")));
  const numbers = Array.from({ length: POINTS }, (_, i) => i);
  // A spiral of the sunflower: points apart from each other.
  const points = numbers.map((i) => [
    Math.sqrt(i) * Math.cos(2.4 * i),
    Math.sqrt(i) * Math.sin(2.4 * i),
  ]);
  const labels = numbers.map((i) => `word ${i}`);
  const groups = numbers.map((i) => "bcda"[i % 4]);
  const html = scatterPage(points, { title: "A map", labels, groups });
  return html.replace("</html>", `<script type="module">${DRIVE}</script></html>`);
}

export const maps = {
  name: "map of points",
  missing: () => (chromium.installed() ? [] : chromium.debian),
  async *rows(application) {
    const folder = application.fresh("maps");
    writeFileSync(join(folder, "map.html"), await page());
    yield attempt({ name: this.name, place: chromium.name, example: true }, async () => {
      const { error, longest, ...found } = await visit(chromium, "/map.html", { folder });
      if (error) throw new Error(`${error.name}: ${error.message}`);
      const rounded = (value) =>
        JSON.stringify(value, (_, one) =>
          typeof one === "number" ? Math.round(1e3 * one) / 1e3 : one,
        );
      if (rounded(found) !== rounded(EXPECTED))
        throw new Error(`expected ${rounded(EXPECTED)}, got ${rounded(found)}`);
      return { note: `${POINTS} points in ${longest.toFixed(0)} ms at most` };
    });
  },
};
