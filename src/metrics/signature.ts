/** The version of the counting behind BLEU and chrF, which is sacreBLEU 2's: it rises where a number changes. */
const VERSION = "hiddenstate-1";

/** What a score counted, as sacreBLEU writes it: `nrefs:1|case:mixed|…`. */
export function signatureOf(
  references: ReadonlySet<number>,
  fields: Readonly<Record<string, string | undefined>>,
): string {
  const nrefs = references.size > 1 ? "var" : String([...references][0] ?? 0);
  return Object.entries({ nrefs, ...fields, version: VERSION })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}:${value}`)
    .join("|");
}
