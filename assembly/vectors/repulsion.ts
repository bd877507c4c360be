// The forces by which the points of a t-SNE layout repel each other: Σ_j (y_i - y_j) / (1 + |y_i - y_j|²)², and the sum of all
// 1 / (1 + |y_i - y_j|²), which normalizes them. Four points at a time, one to a lane.
import { hsumWide, laneMask, select } from "../simd/lanes";
import { madd } from "../simd/madd";
import { NEXT, NODE, nodesOf, orderOf, REACH, sortedX, sortedY } from "./tree";

/** Writes the forces of `count` points, at most four, to the rows that `order` names, or to neighbouring ones. */
// @ts-ignore: decorator
@inline
function storeForces(forces: usize, order: usize, first: i32, count: i32, x: v128, y: v128): void {
  const low = v128.shuffle<f32>(x, y, 0, 4, 1, 5);
  const high = v128.shuffle<f32>(x, y, 2, 6, 3, 7);
  v128.store64_lane(rowOf(forces, order, first), low, 0);
  if (count > 1) v128.store64_lane(rowOf(forces, order, first + 1), low, 1);
  if (count > 2) v128.store64_lane(rowOf(forces, order, first + 2), high, 0);
  if (count > 3) v128.store64_lane(rowOf(forces, order, first + 3), high, 1);
}

// @ts-ignore: decorator
@inline
function rowOf(forces: usize, order: usize, i: i32): usize {
  return forces + (<usize>(order ? load<i32>(order + (<usize>i << 2)) : i) << 3);
}

/**
 * forces[n, 2] for the points from … to of the tree's order, `from` a multiple of 4; gives their share of the sum that normalizes,
 * without what each point has to itself. The nodes of the tree are walked once for four neighbours: each passes by what
 * lies within a cell that stands for its points. Overwrites.
 */
export function repelByTree(forces: usize, tree: usize, n: i32, nodes: i32, from: i32, to: i32): f64 {
  const first = nodesOf(tree, n);
  const one = f32x4.splat(1);
  let total: f64 = 0;
  for (let i = from; i < to; i += 4) {
    const x = v128.load(sortedX(tree, n) + (<usize>i << 2));
    const y = v128.load(sortedY(tree, n) + (<usize>i << 2));
    let forceX = f32x4.splat(0);
    let forceY = forceX;
    let sum = forceX;
    // The node at which each lane goes on; beyond the last point none does.
    let goesOn = v128.andnot(i32x4.splat(nodes), laneMask(to - i));
    let at = 0;
    while (at < nodes) {
      const node = first + <usize>at * NODE;
      const dx = f32x4.sub(x, v128.load32_splat(node));
      const dy = f32x4.sub(y, v128.load32_splat(node, 4));
      const squared = madd(dx, dx, f32x4.mul(dy, dy));
      const here = i32x4.le_s(goesOn, i32x4.splat(at));
      const far = f32x4.gt(squared, v128.load32_splat(node, REACH));
      const stands = v128.and(here, far);
      const next = load<i32>(node, NEXT);
      const q = f32x4.div(one, f32x4.add(one, squared));
      const weight = v128.and(f32x4.mul(q, v128.load32_splat(node, 8)), stands);
      const force = f32x4.mul(weight, q);
      sum = f32x4.add(sum, weight);
      forceX = madd(force, dx, forceX);
      forceY = madd(force, dy, forceY);
      goesOn = select(stands, i32x4.splat(next), goesOn);
      at = v128.any_true(v128.andnot(here, far)) ? at + 1 : next;
    }
    const count = min(4, to - i);
    storeForces(forces, orderOf(tree), i, count, forceX, forceY);
    total += hsumWide(v128.and(sum, laneMask(count))) - <f64>count;
  }
  return total;
}

/** As `repelByTree`, of each point with each other of the layout[n, 2]: forces of the points from … to. */
export function repelAll(forces: usize, layout: usize, n: i32, from: i32, to: i32): f64 {
  const one = f32x4.splat(1);
  let total: f64 = 0;
  for (let i = from; i < to; i += 4) {
    const low = v128.load(layout + (<usize>i << 3));
    const high = v128.load(layout + (<usize>i << 3), 16);
    const x = v128.shuffle<f32>(low, high, 0, 2, 4, 6);
    const y = v128.shuffle<f32>(low, high, 1, 3, 5, 7);
    let forceX = f32x4.splat(0);
    let forceY = forceX;
    let sum = forceX;
    for (let j = 0; j < n; j++) {
      const point = layout + (<usize>j << 3);
      const dx = f32x4.sub(x, v128.load32_splat(point));
      const dy = f32x4.sub(y, v128.load32_splat(point, 4));
      const q = f32x4.div(one, f32x4.add(one, madd(dx, dx, f32x4.mul(dy, dy))));
      const force = f32x4.mul(q, q);
      sum = f32x4.add(sum, q);
      forceX = madd(force, dx, forceX);
      forceY = madd(force, dy, forceY);
    }
    const count = min(4, to - i);
    storeForces(forces, 0, i, count, forceX, forceY);
    total += hsumWide(v128.and(sum, laneMask(count))) - <f64>count;
  }
  return total;
}
