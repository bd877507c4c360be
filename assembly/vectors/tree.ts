// The quadtree of Barnes & Hut ("A hierarchical O(N log N) force-calculation algorithm", 1986; van der Maaten, "Accelerating
// t-SNE using tree-based algorithms", 2014) over a layout in the plane, as a list of nodes in the order of a depth-first walk. Points
// are sorted along Morton's curve first, so that a cell is a range of them, and what its points have in common is in their keys.
import { assertAligned } from "../simd/preconditions";

/**
 * A node: x and y of the mean of its points, how many there are, the squared distance from which on it stands for them, all
 * float32, and the number of the node behind all that it holds. A point is a node, which always stands for itself.
 */
export const NODE: usize = 20;
export const REACH: usize = 12;
export const NEXT: usize = 16;

/** Bits of a coordinate in a key. Points that share them all are children of one cell. */
const BITS = 16;
const CELLS: f32 = 65536;

/** Where the parts of the tree's block are, in bytes: aligned to 64 each. */
// @ts-ignore: decorator
@inline
function aligned(bytes: usize): usize {
  return (bytes + 63) & ~63;
}

/** The point's own number of each sorted one: int32 [n]. */
// @ts-ignore: decorator
@inline
export function orderOf(tree: usize): usize {
  return tree;
}

/** x of each sorted point, float32 [n]. */
// @ts-ignore: decorator
@inline
export function sortedX(tree: usize, n: i32): usize {
  return tree + aligned(<usize>n << 2);
}

// @ts-ignore: decorator
@inline
export function sortedY(tree: usize, n: i32): usize {
  return tree + 2 * aligned(<usize>n << 2);
}

// @ts-ignore: decorator
@inline
export function nodesOf(tree: usize, n: i32): usize {
  return tree + 3 * aligned(<usize>n << 2);
}

/** Bytes of the tree over n points: at most 2n - 1 nodes, as each cell has two children or more. */
export function treeBytes(n: i32): usize {
  return 3 * aligned(<usize>n << 2) + aligned(2 * NODE * <usize>n);
}

/** Two keys and numbers of each point, sums up to each, counts of digits. */
export function treeScratchBytes(n: i32): usize {
  return 3 * aligned(<usize>n << 2) + aligned(<usize>(n + 1) << 4) + 1024;
}

/** A zero before each bit of 16. */
// @ts-ignore: decorator
@inline
function spread(x: u32): u32 {
  x = (x | (x << 8)) & 0x00ff00ff;
  x = (x | (x << 4)) & 0x0f0f0f0f;
  x = (x | (x << 2)) & 0x33333333;
  return (x | (x << 1)) & 0x55555555;
}

// @ts-ignore: decorator
@inline
function cellOf(value: f32, least: f32, scale: f32): u32 {
  return min(<u32>((value - least) * scale), <u32>CELLS - 1);
}

/** Sorts keys and numbers by a digit of eight bits. */
function sortByDigit(toKeys: usize, toIds: usize, keys: usize, ids: usize, counts: usize, n: i32, shift: u32): void {
  memory.fill(counts, 0, 1024);
  for (let i = 0; i < n; i++) {
    const at = counts + <usize>(((load<u32>(keys + (<usize>i << 2)) >> shift) & 255) << 2);
    store<i32>(at, load<i32>(at) + 1);
  }
  let sum = 0;
  for (let digit: usize = 0; digit < 1024; digit += 4) {
    const count = load<i32>(counts + digit);
    store<i32>(counts + digit, sum);
    sum += count;
  }
  for (let i = 0; i < n; i++) {
    const key = load<u32>(keys + (<usize>i << 2));
    const at = counts + <usize>(((key >> shift) & 255) << 2);
    const place = load<i32>(at);
    store<i32>(at, place + 1);
    store<u32>(toKeys + (<usize>place << 2), key);
    store<i32>(toIds + (<usize>place << 2), load<i32>(ids + (<usize>i << 2)));
  }
}

/** Node `at` for the points from … to; gives the number of the node behind its last. */
function addCell(nodes: usize, at: i32, keys: usize, sums: usize, tree: usize, n: i32, from: i32, to: i32, reach: f32): i32 {
  const node = nodes + <usize>at * NODE;
  if (to - from == 1) {
    store<f32>(node, load<f32>(sortedX(tree, n) + (<usize>from << 2)));
    store<f32>(node, load<f32>(sortedY(tree, n) + (<usize>from << 2)), 4);
    store<f32>(node, 1, 8);
    store<f32>(node, -1, REACH);
    store<i32>(node, at + 1, NEXT);
    return at + 1;
  }
  const first = load<u32>(keys + (<usize>from << 2));
  const apart = first ^ load<u32>(keys + (<usize>(to - 1) << 2));
  // The smallest cell that holds them all: as many bits of both coordinates as their keys share.
  const level = <i32>clz(apart) >> 1;
  let next = at + 1;
  if (apart == 0)
    for (let i = from; i < to; i++) next = addCell(nodes, next, keys, sums, tree, n, i, i + 1, reach);
  else {
    const shift = <u32>(30 - 2 * level);
    let begin = from;
    while (begin < to) {
      const quarter = load<u32>(keys + (<usize>begin << 2)) >> shift;
      let end = begin + 1;
      while (end < to && load<u32>(keys + (<usize>end << 2)) >> shift == quarter) end++;
      next = addCell(nodes, next, keys, sums, tree, n, begin, end, reach);
      begin = end;
    }
  }
  const count = <f64>(to - from);
  const before = sums + (<usize>from << 4);
  const behind = sums + (<usize>to << 4);
  const side = reach / <f32>(1 << level);
  store<f32>(node, <f32>((load<f64>(behind) - load<f64>(before)) / count));
  store<f32>(node, <f32>((load<f64>(behind, 8) - load<f64>(before, 8)) / count), 4);
  store<f32>(node, <f32>count, 8);
  store<f32>(node, side * side, REACH);
  store<i32>(node, next, NEXT);
  return next;
}

/**
 * tree (`treeBytes`) = the quadtree over the layout[n, 2], float32: a cell of width w stands for its points from the distance
 * w / theta on, theta > 0. Gives the number of nodes. scratch: `treeScratchBytes`. n > 0. Overwrites; no aliasing.
 */
export function buildTree(tree: usize, layout: usize, n: i32, theta: f32, scratch: usize): i32 {
  assertAligned(tree);
  assertAligned(scratch);
  if (!ASC_NO_ASSERT) assert(n > 0 && theta > 0, "no points, or no angle");
  let least = v128.load64_splat(layout);
  let most = least;
  for (let i = 1; i < n; i++) {
    const point = v128.load64_splat(layout + (<usize>i << 3));
    least = f32x4.min(least, point);
    most = f32x4.max(most, point);
  }
  const leastX = f32x4.extract_lane(least, 0);
  const leastY = f32x4.extract_lane(least, 1);
  const side = max(f32x4.extract_lane(most, 0) - leastX, f32x4.extract_lane(most, 1) - leastY);
  const scale = side > 0 ? CELLS / side : 0;

  const rowBytes = aligned(<usize>n << 2);
  const keys = scratch;
  const otherKeys = scratch + rowBytes;
  const otherIds = scratch + 2 * rowBytes;
  const sums = scratch + 3 * rowBytes;
  const counts = sums + aligned(<usize>(n + 1) << 4);
  const ids = orderOf(tree);
  for (let i = 0; i < n; i++) {
    const point = layout + (<usize>i << 3);
    const x = cellOf(load<f32>(point), leastX, scale);
    const y = cellOf(load<f32>(point, 4), leastY, scale);
    store<u32>(keys + (<usize>i << 2), spread(x) | (spread(y) << 1));
    store<i32>(ids + (<usize>i << 2), i);
  }
  for (let shift: u32 = 0; shift < 2 * BITS; shift += 16) {
    sortByDigit(otherKeys, otherIds, keys, ids, counts, n, shift);
    sortByDigit(keys, ids, otherKeys, otherIds, counts, n, shift + 8);
  }
  let sum = f64x2.splat(0);
  for (let i = 0; i < n; i++) {
    const point = v128.load64_zero(layout + (<usize>load<i32>(ids + (<usize>i << 2)) << 3));
    v128.store(sums + (<usize>i << 4), sum);
    sum = f64x2.add(sum, f64x2.promote_low_f32x4(point));
    v128.store32_lane(sortedX(tree, n) + (<usize>i << 2), point, 0);
    v128.store32_lane(sortedY(tree, n) + (<usize>i << 2), point, 1);
  }
  v128.store(sums + (<usize>n << 4), sum);
  return addCell(nodesOf(tree, n), 0, keys, sums, tree, n, 0, n, side / theta);
}
