// What a transform of one size needs, as the host writes it (src/audio/plan.ts): words of 4 bytes, places counted in words
// from the plan's begin. Words 0 to 7: samples of a frame; samples from frame to frame; places of the window [size], of the
// stages, of the turns that part a spectrum of even size [size / 4 + 1, 2]; mel filters, the places of their spans
// [filters, 2] (first bin, bins) and of their weights, one filter behind the other. A stage is its radix (0 behind the last)
// and the place of its turns [length / radix, radix - 1, 2]; behind those of a radix above 5, its roots of unity [radix, 2].

const SIZE = 0, HOP = 4, WINDOW = 8, STAGES = 12, SPLIT = 16, FILTERS = 20, SPANS = 24, WEIGHTS = 28;

// @ts-ignore: decorator
@inline
function place(plan: usize, field: usize): usize {
  return plan + (<usize>load<i32>(plan + field) << 2);
}

// @ts-ignore: decorator
@inline
export function sizeOf(plan: usize): i32 {
  return load<i32>(plan, SIZE);
}

// @ts-ignore: decorator
@inline
export function hopOf(plan: usize): usize {
  return load<i32>(plan, HOP);
}

// @ts-ignore: decorator
@inline
export function windowOf(plan: usize): usize {
  return place(plan, WINDOW);
}

/** The first stage; the next is 8 bytes on. */
// @ts-ignore: decorator
@inline
export function stagesOf(plan: usize): usize {
  return place(plan, STAGES);
}

// @ts-ignore: decorator
@inline
export function radixOf(stage: usize): i32 {
  return load<i32>(stage);
}

// @ts-ignore: decorator
@inline
export function turnsOf(plan: usize, stage: usize): usize {
  return plan + (<usize>load<i32>(stage, 4) << 2);
}

// @ts-ignore: decorator
@inline
export function splitOf(plan: usize): usize {
  return place(plan, SPLIT);
}

// @ts-ignore: decorator
@inline
export function filtersOf(plan: usize): i32 {
  return load<i32>(plan, FILTERS);
}

// @ts-ignore: decorator
@inline
export function spansOf(plan: usize): usize {
  return place(plan, SPANS);
}

// @ts-ignore: decorator
@inline
export function weightsOf(plan: usize): usize {
  return place(plan, WEIGHTS);
}
