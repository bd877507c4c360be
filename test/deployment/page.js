// Posts what a page of the examples shows, or what its service worker answers, to the address in the query.
const report = new URLSearchParams(location.search).get("report");
const post = (next) => fetch(report, { method: "POST", body: JSON.stringify({ next }) });

if (location.pathname === "/service-worker.html") {
  await navigator.serviceWorker.register("service-worker.js");
  if (!navigator.serviceWorker.controller)
    await new Promise((resolve) => (navigator.serviceWorker.oncontrollerchange = resolve));
  post((await (await fetch("/forecast?series=1,2,3,4")).json()).next);
} else {
  const output = document.querySelector("output");
  const shown = setInterval(() => {
    if (output.value === "") return;
    clearInterval(shown);
    post(Number(output.value));
  }, 20);
}
