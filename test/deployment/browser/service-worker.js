import { answer, forecaster } from "./model.js";

let forecast; // the browser may end a service worker at any time: it loads the model again
function load() {
  return fetch("/model.safetensors")
    .then((response) => response.arrayBuffer())
    .then((bytes) => forecaster(new Uint8Array(bytes)));
}

async function forecastFor(request) {
  forecast ??= load();
  return answer(request, await forecast);
}

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  if (new URL(event.request.url).pathname === "/forecast")
    event.respondWith(forecastFor(event.request));
});
