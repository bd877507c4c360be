// Posts what a page of the guide on training shows in the end, and how its frames came while it trained.
const report = new URLSearchParams(location.search).get("report");
const output = document.querySelector("output");
const tasks = [];
new PerformanceObserver((list) => tasks.push(...list.getEntries())).observe({ type: "longtask" });
const gaps = [];
let last = performance.now();
requestAnimationFrame(function frame(now) {
  gaps.push(now - last);
  last = now;
  if (output.value === "") return requestAnimationFrame(frame);
  const [first, ...sorted] = gaps.slice(1).sort((a, b) => b - a);
  const body = JSON.stringify({
    shown: output.value,
    drawn: document.querySelectorAll("figure svg").length,
    frames: gaps.length,
    longest: first,
    median: sorted[sorted.length >> 1],
    longTasks: tasks.map(({ duration }) => duration),
  });
  fetch(report, { method: "POST", body });
});
if (new URLSearchParams(location.search).has("stop")) {
  const drawn = setInterval(() => {
    if (!document.querySelector("figure svg")) return;
    clearInterval(drawn);
    document.querySelector("button").click();
  }, 10);
}
