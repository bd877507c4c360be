// Of a page, or its service worker.
import { run } from "../program.mjs";
import { orError } from "./report.mjs";

addEventListener("message", async ({ data: build, ports: [port] }) => {
  port.postMessage(await orError(() => run(build)));
});
