/** Powers of betas as running products: `**` differs between engines in the last bit. */
export class Powers {
  readonly #known = new Map<number, Power>();

  /** beta^step; steps rise by one in nearly every call. */
  of(beta: number, step: number): number {
    let power = this.#known.get(beta);
    if (!power || power.step > step) power = { step: 0, value: 1 };
    // A schedule of betas asks for another one at each step.
    if (this.#known.size > MOST_BETAS) this.#known.clear();
    let { step: at, value } = power;
    for (; at < step && value > 0; at++) value *= beta;
    this.#known.set(beta, { step, value });
    return value;
  }
}

interface Power {
  readonly step: number;
  readonly value: number;
}

/** Betas whose powers are kept. */
const MOST_BETAS = 64;
