/** In the inference build values come from a file: nothing is drawn. */
export function normal(): void {}
