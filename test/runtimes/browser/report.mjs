/** Runs with the build of the page's query, and posts what comes of it to the address there. */
export async function report(run) {
  const query = new URLSearchParams(location.search);
  const outcome = await orError(() => run(query.get("build")));
  await fetch(query.get("report"), {
    method: "POST",
    mode: "no-cors",
    body: JSON.stringify(outcome),
  });
}

/** What a function gives, or its error in a form that travels. */
export async function orError(run) {
  try {
    return await run();
  } catch ({ name, message }) {
    return { error: { name, message } };
  }
}

/** Sends a build to a worker or service worker, which answers by the port. */
export function ask(worker, build) {
  return new Promise((resolve, reject) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message ?? "the worker did not load"));
    worker.postMessage(build, [port2]);
  });
}
