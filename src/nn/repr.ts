/** `32, 64, numLayers=2`: values that need no name, then options that differ from their defaults. */
export function reprOf(values: readonly number[], module: object, defaults: object): string {
  const options = module as Readonly<Record<string, unknown>>;
  const changed = Object.entries(defaults).filter(([name, value]) => options[name] !== value);
  return [...values, ...changed.map(([name]) => `${name}=${String(options[name])}`)].join(", ");
}
