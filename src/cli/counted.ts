/** A number of things: `1 sentence`, `20 sentences`, `2 series`. */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 || thing.endsWith("series") ? "" : "s"}`;
}
