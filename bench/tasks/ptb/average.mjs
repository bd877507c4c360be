// Averages of the weights along the way (Polyak & Juditsky 1992): they are evaluated, never trained.
import { noGrad, scope } from "hiddenstate";

/** How many steps there are between two weights that are averaged: neighbours hardly differ. */
const EVERY = 10;

export class Averages {
  /** @param span steps that the average looks back: all of them at first, then exponentially */
  constructor(model, average, span) {
    this.span = span;
    this.pairs = [...model.namedParameters()].map(([name, parameter]) => [
      parameter,
      average.namedParameters().get(name),
    ]);
  }

  /** @param step from 1 */
  update(step) {
    if (step % EVERY !== 0) return;
    const share = Math.max(EVERY / step, EVERY / this.span);
    scope(() =>
      noGrad(() => {
        for (const [own, average] of this.pairs)
          average.set(average.add(own.sub(average).mul(share)));
      }),
    );
  }
}
