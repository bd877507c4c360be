/** Numbers in the order of a comparison, the first first: a binary heap. */
export class Queue {
  readonly #heap: number[] = [];
  readonly #before: (a: number, b: number) => boolean;

  constructor(before: (a: number, b: number) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#heap.length;
  }

  get first(): number {
    return this.#heap[0]!;
  }

  push(value: number): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(value);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(value, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = value;
  }

  pop(): number {
    const heap = this.#heap;
    const first = heap[0]!;
    const value = heap.pop()!;
    const size = heap.length;
    if (size === 0) return first;
    let at = 0;
    for (let child = 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && this.#before(heap[child + 1]!, heap[child]!)) child++;
      if (!this.#before(heap[child]!, value)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = value;
    return first;
  }
}
