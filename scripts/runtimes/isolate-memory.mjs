// What an isolate of workerd takes, by its inspector.
import { once } from "node:events";
import { createRequire } from "node:module";
import { TIMEOUT } from "./execute.mjs";
import { inCache } from "./packages.mjs";

/** Bytes of the only worker's heap and of the buffers behind it, WebAssembly memory among them. */
export async function isolateMemory(port) {
  const WebSocket = createRequire(inCache("."))("ws");
  const signal = AbortSignal.timeout(TIMEOUT);
  const [worker] = await (await fetch(`http://127.0.0.1:${port}/json`, { signal })).json();
  const socket = new WebSocket(worker.webSocketDebuggerUrl);
  try {
    await once(socket, "open", { signal });
    socket.send(JSON.stringify({ id: 1, method: "Runtime.getHeapUsage" }));
    const [message] = await once(socket, "message", { signal });
    const { totalSize, embedderHeapUsedSize, backingStorageSize } = JSON.parse(message).result;
    return totalSize + embedderHeapUsedSize + backingStorageSize;
  } finally {
    socket.close();
  }
}
