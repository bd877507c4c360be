// t-SNE (van der Maaten & Hinton 2008): points in twenty dimensions are laid out in the plane so that neighbours stay
// neighbours. Writes t-sne.svg.
import { writeFileSync } from "node:fs";
import { log, manualSeed, Parameter, randn, scope, SGD, tensor } from "hiddenstate";
import { squaredDistances } from "hiddenstate/ops";

const [POINTS, DIMENSIONS, GROUPS, PERPLEXITY] = [120, 20, 4, 15];

manualSeed(3);
/** Four clouds round four centers, far apart in no single dimension. */
const centers = randn([GROUPS, DIMENSIONS]).mul(2).toArray();
const points = randn([POINTS, DIMENSIONS])
  .toArray()
  .map((point, i) => point.map((value, d) => value + centers[i % GROUPS][d]));

const squared = points.map((a) =>
  points.map((b) => a.reduce((sum, value, d) => sum + (value - b[d]) ** 2, 0)),
);

/** p(j | i): a Gaussian round point i, as wide as gives PERPLEXITY effective neighbours (found by bisection). */
function neighbours(distances, i) {
  let [low, high] = [0, Infinity];
  for (let precision = 1, tries = 0; ; tries++) {
    const weights = distances.map((distance, j) => (j === i ? 0 : Math.exp(-distance * precision)));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const p = weights.map((weight) => weight / total);
    const entropy = -p.reduce((sum, value) => sum + (value > 0 ? value * Math.log(value) : 0), 0);
    if (tries === 50 || Math.abs(entropy - Math.log(PERPLEXITY)) < 1e-4) return p;
    if (entropy > Math.log(PERPLEXITY)) low = precision;
    else high = precision;
    precision = high === Infinity ? precision * 2 : (low + high) / 2;
  }
}
const conditional = squared.map(neighbours);
const joint = conditional.map((row, i) =>
  row.map((p, j) => Math.max((p + conditional[j][i]) / (2 * POINTS), 1e-12)),
);
const p = tensor(joint);
const apart = tensor(joint.map((row, i) => row.map((_, j) => +(i !== j))));

const layout = new Parameter(randn([POINTS, 2]).mul(1e-2));
const optimizer = new SGD([layout], { lr: 100, momentum: 0.5 });

/** KL(P ‖ Q), with Q from a Student t distribution over the distances in the plane. */
function divergence(exaggeration) {
  const closeness = apart.div(squaredDistances(layout, layout).add(1));
  const q = closeness.div(closeness.sum()).add(1e-12);
  return p
    .mul(exaggeration)
    .mul(log(p).sub(log(q)))
    .sum();
}

for (let step = 1; step <= 300; step++) {
  // The first steps exaggerate P, so that clusters form before they settle.
  for (const group of optimizer.groups) group.momentum = step < 100 ? 0.5 : 0.8;
  scope(() => {
    const loss = divergence(step < 100 ? 4 : 1);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    if (step % 50 === 0) console.log(`step ${step}  divergence ${divergence(1).item().toFixed(3)}`);
  });
}

const xy = layout.toArray();
const largest = Math.max(...xy.flat().map(Math.abs));
const colours = ["#4269d0", "#efb118", "#ff725c", "#3ca951"];
const dots = xy.map(
  ([x, y], i) =>
    `<circle cx="${(150 + (140 * x) / largest).toFixed(1)}" cy="${(150 + (140 * y) / largest).toFixed(1)}" r="4" fill="${colours[i % GROUPS]}"/>`,
);
writeFileSync(
  "t-sne.svg",
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 300">${dots.join("")}</svg>\n`,
);

// How many points have a neighbour of their own group next to them, though the groups were never told.
const near = xy.filter(([x, y], i) => {
  const distances = xy.map(([u, v], j) => (j === i ? Infinity : (x - u) ** 2 + (y - v) ** 2));
  return distances.indexOf(Math.min(...distances)) % GROUPS === i % GROUPS;
}).length;
console.log(`${near} of ${POINTS} points lie next to one of their own group; see t-sne.svg`);
if (near < 0.95 * POINTS) throw new Error("The groups did not come apart.");
