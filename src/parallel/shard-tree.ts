// The order in which shards are summed: a binary tree over their numbers, whoever computes them. A node at level l with
// number i stands for the shards i · 2^l to (i + 1) · 2^l - 1, as far as there are some.

/** A part of the tree. */
export interface TreeNode {
  readonly level: number;
  readonly index: number;
}

/** The node over all shards. */
export function rootOf(shards: number): TreeNode {
  let level = 0;
  while (1 << level < shards) level++;
  return { level, index: 0 };
}

/** The two nodes below a node; the second is undefined where there are no shards in it. */
export function below({ level, index }: TreeNode, shards: number): [TreeNode, TreeNode?] {
  const first = { level: level - 1, index: 2 * index };
  const second = { level: level - 1, index: 2 * index + 1 };
  return second.index << second.level < shards ? [first, second] : [first];
}

/** The first shard behind a node. */
export function endOf({ level, index }: TreeNode, shards: number): number {
  return Math.min(shards, (index + 1) << level);
}

/** The shards of a worker: neighbours, so that it can sum most of them itself. */
export function shardsOf(worker: number, workers: number, shards: number): [number, number] {
  const start = (at: number) => Math.floor((at * shards) / workers);
  return [start(worker), start(worker + 1)];
}

/** The fewest nodes that together stand for the shards from `from` to `to - 1`, in their order. */
export function nodesOver(from: number, to: number, shards: number): TreeNode[] {
  const nodes: TreeNode[] = [];
  const visit = (node: TreeNode): void => {
    const first = node.index << node.level;
    const last = endOf(node, shards);
    if (first >= to || last <= from) return;
    if (first >= from && last <= to) nodes.push(node);
    else for (const part of below(node, shards)) if (part) visit(part);
  };
  visit(rootOf(shards));
  return nodes;
}

export function keyOf({ level, index }: TreeNode): string {
  return `${level}.${index}`;
}
