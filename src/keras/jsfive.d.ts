/** What is used of jsfive, which has no types of its own. */
declare module "jsfive" {
  export interface Dataset {
    readonly shape: readonly (number | bigint)[];
    readonly dtype: unknown;
    readonly attrs: Readonly<Record<string, unknown>>;
    readonly value: unknown;
  }
  export interface Group {
    readonly keys: string[];
    readonly attrs: Readonly<Record<string, unknown>>;
    get(name: string): Group | Dataset | null;
  }
  export const File: new (buffer: ArrayBuffer, name: string) => Group;
}
