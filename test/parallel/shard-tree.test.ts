import { expect, it } from "vitest";
import {
  below,
  nodesOver,
  rootOf,
  shardsOf,
  type TreeNode,
} from "../../src/parallel/shard-tree.js";

/** The sum that a node stands for, written out. */
function written(node: TreeNode, shards: number): string {
  if (node.level === 0) return String(node.index);
  const [first, second] = below(node, shards);
  const left = written(first, shards);
  return second ? `(${left}+${written(second, shards)})` : left;
}

it("sums neighbours first", () => {
  expect(written(rootOf(8), 8)).toBe("(((0+1)+(2+3))+((4+5)+(6+7)))");
  expect(written(rootOf(5), 5)).toBe("(((0+1)+(2+3))+4)");
  expect(written(rootOf(1), 1)).toBe("0");
});

it("gives each worker its shards, in few nodes", () => {
  for (const shards of [1, 2, 3, 5, 8, 13])
    for (let workers = 1; workers <= shards; workers++) {
      const all: number[] = [];
      for (let worker = 0; worker < workers; worker++) {
        const [from, to] = shardsOf(worker, workers, shards);
        expect(to).toBeGreaterThan(from);
        const nodes = nodesOver(from, to, shards);
        const own = nodes.flatMap((node) => written(node, shards).match(/\d+/g)!.map(Number));
        expect(own).toEqual(Array.from({ length: to - from }, (_, i) => from + i));
        expect(nodes.length).toBeLessThanOrEqual(2 * Math.max(1, Math.log2(shards)));
        all.push(...own);
      }
      expect(all).toEqual(Array.from({ length: shards }, (_, i) => i));
    }
});
