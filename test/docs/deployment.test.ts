// What docs/deployment.md and docs/training-in-a-page.md show is what `npm run test:runtimes -- --all` runs.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const folder = fileURLToPath(new URL("../deployment/", import.meta.url));
const page = pageOf("deployment");
const blocks = [page, pageOf("training-in-a-page")].flatMap((text) => [
  ...text.matchAll(/^```\w+ (\S+)\n([\s\S]*?)^```$/gm),
]);

function pageOf(name: string): string {
  return readFileSync(new URL(`../../docs/${name}.md`, import.meta.url), "utf8");
}

test.each(blocks.map(([, file, code]) => ({ file: file!, code })))("$file", ({ file, code }) => {
  expect(code).toBe(readFileSync(folder + file, "utf8"));
});

test("every example stands on a page", () => {
  const platforms = ["cloudflare", "vercel", "deno", "browser", "training"];
  const files = platforms.flatMap((name) =>
    readdirSync(folder + name).map((file) => `${name}/${file}`),
  );
  const ofTests = /\.html$|^training\/measure\.js$/;
  const examples = ["model.js", ...files].filter((file) => !ofTests.test(file));
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
