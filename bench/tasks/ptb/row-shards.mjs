// Windows cut into rows, each with its part of the carried state.

const edgesOf = (rows, shards) =>
  Array.from({ length: shards }, (_, i) => [
    Math.floor((i * rows) / shards),
    Math.floor(((i + 1) * rows) / shards),
  ]);

/** `split` and `merge` of a DataParallel over a carried state. */
export function rowShards(carry) {
  const [layers, rows, size] = carry.h.shape;
  return {
    split({ index, input, target, shape: [, time] }, shards) {
      if (index === 0) carry.reset();
      const state = { h: carry.h.data(), c: carry.c.data() };
      return edgesOf(rows, shards).map(([from, to]) => {
        if (from === to) return undefined;
        const ids = (all) => all.slice(from * time, to * time);
        const ofRows = (all) =>
          Float32Array.from({ length: layers * (to - from) * size }, (_, i) => {
            const layer = Math.floor(i / ((to - from) * size));
            return all[(layer * rows + from) * size + (i % ((to - from) * size))];
          });
        const shape = [to - from, time];
        return {
          input: ids(input),
          target: ids(target),
          shape,
          h: ofRows(state.h),
          c: ofRows(state.c),
        };
      });
    },
    merge(results) {
      for (const part of ["h", "c"]) {
        const all = carry[part].data();
        edgesOf(rows, results.length).forEach(([from, to], shard) => {
          const each = (to - from) * size;
          for (let layer = 0; each > 0 && layer < layers; layer++)
            all.set(
              results[shard][part].subarray(layer * each, (layer + 1) * each),
              (layer * rows + from) * size,
            );
        });
        carry[part].set(all);
      }
    },
  };
}
