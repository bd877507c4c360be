// What docs/deployment.md and other pages show of files is what `npm run test:runtimes -- --all` runs.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { answer } from "../deployment/model.js";

const folder = fileURLToPath(new URL("../deployment/", import.meta.url));
const page = pageOf("deployment");
const blocks = [
  page,
  ...["training-in-a-page", "typescript-and-tests", "parallel"].map(pageOf),
].flatMap((text) => [...text.matchAll(/^```\w+ (\S+)\n([\s\S]*?)^```$/gm)]);

function pageOf(name: string): string {
  return readFileSync(new URL(`../../docs/${name}.md`, import.meta.url), "utf8");
}

test.each(blocks.map(([, file, code]) => ({ file: file!, code })))("$file", ({ file, code }) => {
  expect(code).toBe(readFileSync(folder + file, "utf8"));
});

test.each([
  ["", 400, "Give a series of numbers: ?series=1,2,3\n"],
  ["?series=", 400, "Give a series of numbers: ?series=1,2,3\n"],
  ["?series=1,x", 400, "Give a series of numbers: ?series=1,2,3\n"],
  ["?series=1,2.5", 200, '{"next":3.5}'],
])("a request with %j is answered with %i", async (query, status, text) => {
  const forecast = (series: number[]) => series.reduce((a, b) => a + b);
  const response = answer(new Request(`https://localhost/${query}`), forecast);
  expect([response.status, await response.text()]).toEqual([status, text]);
});

test("every example stands on a page", () => {
  const platforms = ["cloudflare", "vercel", "deno", "browser", "training", "jest", "parallel"];
  const files = platforms.flatMap((name) =>
    readdirSync(folder + name).map((file) => `${name}/${file}`),
  );
  const ofTests = /\.html$|^training\/measure\.js$/;
  const examples = ["model.js", "train.mjs", ...files].filter((file) => !ofTests.test(file));
  expect(blocks.map(([, file]) => file).toSorted()).toEqual(examples.toSorted());
});

test("its import map is the tested one, which has more entries", () => {
  const html = new URL("../bundlers/import-map/index.html", import.meta.url);
  const mapIn = (text: string): unknown =>
    JSON.parse(/<script type="importmap">([\s\S]*?)<\/script>/.exec(text)![1]!);
  expect(mapIn(readFileSync(html, "utf8"))).toMatchObject(mapIn(page) as object);
});

test("its policy is the tested one", () => {
  const tested = readFileSync(new URL("../../scripts/runtimes/pages.mjs", import.meta.url), "utf8");
  const [, policy] = /^Content-Security-Policy: (.+)$/m.exec(page)!;
  expect(tested).toContain(`"${policy}"`);
});
