// Runs redis-server for the program that started this one, and ends it when that program is gone: by a signal even, which
// it could not have acted on itself.
import { spawn } from "node:child_process";
import { connect } from "node:net";

const args = process.argv.slice(2);
const port = Number(args[args.indexOf("--port") + 1]);
const server = spawn("redis-server", args, { stdio: ["ignore", "ignore", "inherit"] });
server.once("error", ({ message }) => {
  process.send?.(message, () => process.exit(1));
});
server.once("exit", (code) => process.exit(code ?? 1));
process.once("disconnect", () => server.kill("SIGTERM"));
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"]))
  process.once(signal, () => server.kill("SIGTERM"));

/** Once it answers. */
function ask() {
  const socket = connect(port, "127.0.0.1", () => socket.write("PING\r\n"));
  socket.once("data", (reply) => {
    socket.destroy();
    if (reply.toString().startsWith("+PONG")) process.send?.("ready");
    else setTimeout(ask, 50);
  });
  socket.once("error", () => setTimeout(ask, 50));
}
ask();
