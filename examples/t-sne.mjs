// t-SNE (van der Maaten & Hinton 2008): points in twenty dimensions are laid out in the plane so that neighbours stay
// neighbours. Writes t-sne.html, a page to look around in.
import { writeFileSync } from "node:fs";
import { manualSeed, randn } from "hiddenstate";
import { scatterPage } from "hiddenstate/inspect";
import { pca, TSNE } from "hiddenstate/vectors";

const [POINTS, DIMENSIONS, GROUPS] = [600, 20, 6];

manualSeed(3);
/** Clouds round six centers, far apart in no single dimension. */
const centers = randn([GROUPS, DIMENSIONS]).mul(2).toArray();
const points = randn([POINTS, DIMENSIONS])
  .toArray()
  .map((point, i) => point.map((value, d) => value + centers[i % GROUPS][d]));

// How much of the differences two straight lines through the cloud of all points show.
const { explainedVarianceRatio } = await pca(points, { components: 2 });
const [first, second] = [...explainedVarianceRatio].map((share) => `${(100 * share).toFixed(0)} %`);
console.log(`two principal components have ${first} and ${second} of the variance`);

const map = await TSNE.build(points, { perplexity: 20, iterations: 250 });
await map.run({
  reportEvery: 100,
  onProgress: ({ iteration, klDivergence }) =>
    console.log(`iteration ${iteration}  KL divergence ${klDivergence.toFixed(3)}`),
});
const layout = map.layout();
map.dispose();

const groups = points.map((_, i) => `group ${(i % GROUPS) + 1}`);
const labels = points.map((_, i) => `point ${i + 1}`);
writeFileSync("t-sne.html", scatterPage(layout, { title: "Six clouds by t-SNE", labels, groups }));

// How many points have a neighbour of their own group next to them, though the groups were never told.
const xy = points.map((_, i) => [layout[2 * i], layout[2 * i + 1]]);
const near = xy.filter(([x, y], i) => {
  const distances = xy.map(([u, v], j) => (j === i ? Infinity : (x - u) ** 2 + (y - v) ** 2));
  return distances.indexOf(Math.min(...distances)) % GROUPS === i % GROUPS;
}).length;
console.log(`${near} of ${POINTS} points lie next to one of their own group; see t-sne.html`);
if (near < 0.95 * POINTS) throw new Error("The groups did not come apart.");
