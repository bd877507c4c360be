// The library's side of bench/ctc/run.mjs.
import { readFileSync } from "node:fs";
import { initSync, scope, tensor } from "hiddenstate";
import { ctcLoss } from "hiddenstate/losses";
import { cpuSeconds } from "../measure.mjs";

const [, , workload, build] = process.argv;
const { batch, time, classes, length, data } = JSON.parse(readFileSync(workload, "utf8"));
const { buffer, byteOffset, byteLength } = readFileSync(data);
const bytes = buffer.slice(byteOffset, byteOffset + byteLength);
const size = batch * time * classes;

initSync({ build });
const logits = tensor(new Float32Array(bytes, 0, size), {
  shape: [batch, time, classes],
  requiresGrad: true,
});
const targets = tensor(new Int32Array(bytes, size * 4), { shape: [batch, length] });

function step() {
  return scope(() => {
    logits.zeroGrad();
    const loss = ctcLoss(logits, targets);
    loss.backward();
    return loss.item();
  });
}

const SECONDS = 1.5;
const end = cpuSeconds() + SECONDS;
let best = Infinity;
for (let now = cpuSeconds(); now < end;) {
  step();
  const after = cpuSeconds();
  best = Math.min(best, after - now);
  now = after;
}
const loss = step();
const gradient = logits.grad.mul(logits.grad).sum().item();
console.log(JSON.stringify({ milliseconds: best * 1000, loss, gradient }));
