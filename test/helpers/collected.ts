import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { memoryUsage } from "../../src/index.js";

/** Waits until what is out of reach is freed: until two collections in a row leave as many tensors. */
export async function collected(): Promise<void> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  let before = Infinity;
  for (let tries = 0; tries < 20; tries++) {
    collect();
    await new Promise((done) => setTimeout(done, 20));
    const { tensors } = memoryUsage();
    if (tensors === before) return;
    before = tensors;
  }
}
