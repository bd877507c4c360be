const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
worker.onmessage = ({ data }) => {
  document.querySelector("output").value = data;
};
worker.postMessage([1, 2, 3, 4]);
