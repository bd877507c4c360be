// The nearest of many points: a heap for each query with the farthest of its candidates on top, and then, of more candidates than are
// asked for, those that exact distances choose.

/** Whether (a, i) is farther than (b, j): of equal distances what came later. */
// @ts-ignore: decorator
@inline
function isFarther(a: f32, i: i32, b: f32, j: i32): bool {
  return a > b || (a == b && i > j);
}

/** Puts (distance, id) in the place of the top, and down to where it belongs. */
function sift(distances: usize, ids: usize, size: i32, at: i32, distance: f32, id: i32): void {
  for (;;) {
    let child = 2 * at + 1;
    if (child >= size) break;
    let far = load<f32>(distances + (<usize>child << 2));
    let farId = load<i32>(ids + (<usize>child << 2));
    if (child + 1 < size) {
      const other = load<f32>(distances + (<usize>child << 2), 4);
      const otherId = load<i32>(ids + (<usize>child << 2), 4);
      if (isFarther(other, otherId, far, farId)) {
        far = other;
        farId = otherId;
        child++;
      }
    }
    if (!isFarther(far, farId, distance, id)) break;
    store<f32>(distances + (<usize>at << 2), far);
    store<i32>(ids + (<usize>at << 2), farId);
    at = child;
  }
  store<f32>(distances + (<usize>at << 2), distance);
  store<i32>(ids + (<usize>at << 2), id);
}

/**
 * Heaps distances[queries, size] and ids[queries, size] (int32) get what is nearer of `count` points: products[queries, count]
 * are -2 · query · point, squares[count] each point's |point|², so distances are less by the query's own square. Points are numbered
 * from `first` on, and query q is point `own` + q, which is left out. Heaps begin with Infinity and -1. Accumulates.
 */
export function keepNearest(
  distances: usize, ids: usize, size: i32, products: usize, squares: usize, queries: i32, count: i32, first: i32, own: i32,
): void {
  const rowBytes = <usize>size << 2;
  for (let q = 0; q < queries; q++) {
    let farthest = load<f32>(distances);
    let bound = f32x4.splat(farthest);
    for (let j = 0; j < count; j += 4) {
      const at = <usize>j << 2;
      const some = f32x4.add(v128.load(products + at), v128.load(squares + at));
      if (!v128.any_true(f32x4.lt(some, bound))) continue;
      const end = min(j + 4, count);
      for (let i = j; i < end; i++) {
        const distance = load<f32>(products + (<usize>i << 2)) + load<f32>(squares + (<usize>i << 2));
        if (distance >= farthest || first + i == own + q) continue;
        sift(distances, ids, size, 0, distance, first + i);
        farthest = load<f32>(distances);
      }
      bound = f32x4.splat(farthest);
    }
    products += <usize>count << 2;
    distances += rowBytes;
    ids += rowBytes;
  }
}

/** |a - b|², each difference in float32, their squares and the sum in double precision. */
// @ts-ignore: decorator
@inline
function squaredDistance(a: usize, b: usize, width: i32): f32 {
  let low = f64x2.splat(0);
  let high = low;
  let i = 0;
  for (; i + 4 <= width; i += 4) {
    const at = <usize>i << 2;
    const d = f32x4.sub(v128.load(a + at), v128.load(b + at));
    const first = f64x2.promote_low_f32x4(d);
    const second = f64x2.promote_low_f32x4(v128.shuffle<f32>(d, d, 2, 3, 2, 3));
    low = f64x2.add(low, f64x2.mul(first, first));
    high = f64x2.add(high, f64x2.mul(second, second));
  }
  const both = f64x2.add(low, high);
  let sum = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  for (; i < width; i++) {
    const d = <f64>(load<f32>(a + (<usize>i << 2)) - load<f32>(b + (<usize>i << 2)));
    sum += d * d;
  }
  return <f32>sum;
}

/**
 * Of each query's `size` candidates the `count` nearest by exact distances come to the front of its row, in the order of a heap: squared
 * distances and ids, as `keepNearest` left them. Query q is row `own` + q of points[·, width]. In place.
 */
export function refineNearest(
  distances: usize, ids: usize, size: i32, count: i32, points: usize, width: i32, queries: i32, own: i32,
): void {
  if (!ASC_NO_ASSERT) assert(count > 0 && count <= size, "more neighbours than candidates");
  const rowBytes = <usize>size << 2;
  const pointBytes = <usize>width << 2;
  let query = points + <usize>own * pointBytes;
  for (; queries > 0; queries--) {
    for (let i = 0; i < size; i++) {
      const id = load<i32>(ids + (<usize>i << 2));
      store<f32>(distances + (<usize>i << 2), squaredDistance(query, points + <usize>id * pointBytes, width));
    }
    for (let i = (size >> 1) - 1; i >= 0; i--)
      sift(distances, ids, size, i, load<f32>(distances + (<usize>i << 2)), load<i32>(ids + (<usize>i << 2)));
    for (let left = size - 1; left >= count; left--) {
      const at = <usize>left << 2;
      sift(distances, ids, left, 0, load<f32>(distances + at), load<i32>(ids + at));
    }
    query += pointBytes;
    distances += rowBytes;
    ids += rowBytes;
  }
}
