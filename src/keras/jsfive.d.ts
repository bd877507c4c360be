/** What is used of jsfive, which has no types of its own. */
declare module "jsfive" {
  export interface Dataset {
    readonly shape: readonly (number | bigint)[];
    readonly dtype: unknown;
    readonly attrs: Readonly<Record<string, unknown>>;
    readonly value: unknown;
    readonly _dataobjects: { readonly chunks: readonly (number | bigint)[] | null };
  }
  export interface Group {
    readonly keys: string[];
    readonly attrs: Readonly<Record<string, unknown>>;
    readonly _dataobjects: object;
    get(name: string): Group | Dataset | null;
  }
  export const File: new (buffer: ArrayBuffer, name: string) => Group;
  /** How parts of an array are unpacked, by the filters' ids. */
  export const Filters: Map<number, (packed: ArrayBuffer) => ArrayBuffer>;
}
