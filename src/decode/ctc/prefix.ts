/** When labels were read, from the last one back: prefixes share what they have in common. */
export interface Times {
  readonly time: number;
  /** How probable the label was then. */
  readonly probability: number;
  readonly before: Times | undefined;
}

/** Probabilities of the alignments of a prefix that end with a blank, and of those that end with its last label. */
export class Alignments {
  /** Summed over all. */
  blank = 0;
  label = 0;
  /**
   * Of the most probable one each, as a logarithm: beside a sum over ever more alignments it comes to nothing. And when
   * it reads the labels.
   */
  bestBlank = -Infinity;
  bestLabel = -Infinity;
  timesBlank: Times | undefined;
  timesLabel: Times | undefined;

  get total(): number {
    return this.blank + this.label;
  }

  addBlank(sum: number, best: number, times: Times | undefined): void {
    this.blank += sum;
    if (best <= this.bestBlank) return;
    this.bestBlank = best;
    this.timesBlank = times;
  }

  addLabel(sum: number, best: number, times: () => Times | undefined): void {
    this.label += sum;
    if (best <= this.bestLabel) return;
    this.bestLabel = best;
    this.timesLabel = times();
  }

  scale(factor: number): void {
    this.blank *= factor;
    this.label *= factor;
  }

  clear(): void {
    this.blank = this.label = 0;
    this.bestBlank = this.bestLabel = -Infinity;
    this.timesBlank = this.timesLabel = undefined;
  }

  /** Of the most probable alignment. */
  get times(): Times | undefined {
    return this.bestLabel > this.bestBlank ? this.timesLabel : this.timesBlank;
  }
}

/** A labelling in the tree of all that are in the beam, and what they begin with. */
export class Prefix {
  readonly label: number;
  readonly before: Prefix | undefined;
  readonly length: number;
  readonly next = new Map<number, Prefix>();
  /** Up to the step before, and up to this one. */
  now = new Alignments();
  then = new Alignments();
  /** Whether it is in the beam, and whether this step has reached it. */
  isOpen = false;
  isReached = false;
  /** The logarithm of the language model's probability of it. */
  languageModel = 0;
  /** Logarithms of what the language model has next; undefined until asked for. */
  following: Float32Array | undefined;
  /** What it is ranked by. */
  score = -Infinity;

  constructor(label: number, before: Prefix | undefined) {
    this.label = label;
    this.before = before;
    this.length = before ? before.length + 1 : 0;
    if (before?.following) this.languageModel = before.languageModel + before.following[label]!;
  }

  /** It and one more label: the same each time, while something of it is open. */
  with(label: number): Prefix {
    const found = this.next.get(label) ?? new Prefix(label, this);
    this.next.set(label, found);
    return found;
  }
}

/** Takes a prefix out of the tree, unless something in the beam begins with it, and so those before it. */
export function takeOut(prefix: Prefix): void {
  for (let at = prefix; at.before && !at.isOpen && at.next.size === 0; at = at.before)
    at.before.next.delete(at.label);
}

export function labelsOf(prefix: Prefix): Int32Array {
  const labels = new Int32Array(prefix.length);
  for (let at = prefix; at.before; at = at.before) labels[at.length - 1] = at.label;
  return labels;
}
