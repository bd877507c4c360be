declare module "tiny-inflate" {
  /** Raw deflate; `to` has the size of what comes out. */
  export default function inflate(from: Uint8Array, to: Uint8Array): Uint8Array;
}
