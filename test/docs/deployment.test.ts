// What docs/deployment.md shows is what `npm run test:runtimes -- --all` runs.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const folder = fileURLToPath(new URL("../deployment/", import.meta.url));
const page = readFileSync(new URL("../../docs/deployment.md", import.meta.url), "utf8");
const blocks = [...page.matchAll(/^```js (\S+)\n([\s\S]*?)^```$/gm)];

test.each(blocks.map(([, file, code]) => ({ file: file!, code })))("$file", ({ file, code }) => {
  expect(code).toBe(readFileSync(folder + file, "utf8"));
});

test("every example stands on the page", () => {
  const platforms = ["cloudflare", "vercel", "deno", "browser"];
  const files = platforms.flatMap((name) =>
    readdirSync(folder + name).map((file) => `${name}/${file}`),
  );
  expect(blocks.map(([, file]) => file).toSorted()).toEqual(["model.js", ...files].toSorted());
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
