// For edge-runtime: GET /plain.
import { run } from "./program.mjs";

addEventListener("fetch", (event) => {
  event.respondWith(
    run(new URL(event.request.url).pathname.slice(1)).then((result) => Response.json(result)),
  );
});
