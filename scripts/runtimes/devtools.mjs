// A page of Chromium that is looked at while it runs: the DevTools protocol over pipes.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { end } from "./servers.mjs";

/** Opens a page; `evaluate(code)` gives what the code gives in it, `screenshot()` a PNG. */
export async function openPage({ command }, url) {
  const home = mkdtempSync(join(tmpdir(), "hiddenstate-devtools-"));
  const [program, ...args] = command(home);
  const child = spawn(program, [...args, "--remote-debugging-pipe", "--window-size=900,760"], {
    detached: true,
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
  });
  const [, , , input, output] = child.stdio;
  const waiting = new Map();
  let [number, rest] = [0, ""];
  output.setEncoding("utf8");
  output.on("data", (text) => {
    const messages = (rest + text).split("\0");
    rest = messages.pop();
    for (const { id, result, error } of messages.map((one) => JSON.parse(one))) {
      if (error) waiting.get(id)?.reject(new Error(error.message));
      else waiting.get(id)?.resolve(result);
      waiting.delete(id);
    }
  });
  child.on("close", () => {
    for (const { reject } of waiting.values()) reject(new Error(`${program} has ended`));
  });
  const send = (method, params, sessionId) =>
    new Promise((resolve, reject) => {
      waiting.set(++number, { resolve, reject });
      input.write(`${JSON.stringify({ id: number, method, params, sessionId })}\0`);
    });
  const { targetId } = await send("Target.createTarget", { url });
  const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
  return {
    async evaluate(expression) {
      const params = { expression, awaitPromise: true, returnByValue: true, userGesture: true };
      const { result, exceptionDetails } = await send("Runtime.evaluate", params, sessionId);
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description);
      return result.value;
    },
    async screenshot() {
      const { data } = await send("Page.captureScreenshot", { format: "png" }, sessionId);
      return Buffer.from(data, "base64");
    },
    async close() {
      const ended = new Promise((done) => child.on("close", done));
      end(child);
      await ended;
      rmSync(home, { recursive: true, force: true });
    },
  };
}
