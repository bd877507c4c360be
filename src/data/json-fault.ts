// Where a text stops being JSON (RFC 8259). Engines differ in what they say of it, some say nothing.

const SPACE = /[ \t\n\r]*/y;
// eslint-disable-next-line no-control-regex -- JSON refuses them inside a string
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;

/** The index of the first token at which a text that is no JSON goes wrong; its length, where it ends too early. */
export function jsonFaultIn(text: string): number {
  let at = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.test(text);
    if (found) at = pattern.lastIndex;
    return found;
  };
  const skipped = (): string => {
    take(SPACE);
    return text.charAt(at);
  };
  /** Closing brackets that are still to come. */
  const open: string[] = [];
  // What may come next: a value, also a closing bracket in its place, a key, …, or what follows a value.
  let next: "value" | "first value" | "key" | "first key" | "after" = "value";
  for (;;) {
    const character = skipped();
    if (next === "after") {
      if (open.length === 0) return at;
      if (character === open.at(-1)) open.pop();
      else if (character === ",") next = open.at(-1) === "}" ? "key" : "value";
      else return at;
      at++;
    } else if (next.startsWith("first") && character === open.at(-1)) {
      open.pop();
      next = "after";
      at++;
    } else if (next.endsWith("key")) {
      if (!take(STRING) || skipped() !== ":") return at;
      at++;
      next = "value";
    } else if (character === "{" || character === "[") {
      open.push(character === "{" ? "}" : "]");
      next = character === "{" ? "first key" : "first value";
      at++;
    } else if (take(STRING) || take(SCALAR)) next = "after";
    else return at;
  }
}
