import { BYTES_PER_ELEMENT } from "../core/dtype.js";
import { ScopeError } from "../core/errors.js";
import { f32 } from "../wasm/memory.js";
import { endScope, enterScope, mergeScope, type Scope } from "./scope-stack.js";
import { allocate, type Storage } from "./storage.js";
import { Tensor } from "./tensor.js";

/** What a scope's function may return: anything but a promise or an iterator, which would outlive it. */
export type ScopeResult<T> = T extends
  PromiseLike<unknown> | Iterator<unknown> | AsyncIterator<unknown>
  ? never
  : T;

/**
 * Runs `fn` and then takes back the memory of every tensor made in it, except those it returns (a
 * Tensor, or arrays, plain objects, Maps and Sets of them): these are kept for the surrounding scope,
 * or on the heap at the top. A training step belongs in a scope.
 *
 * A returned tensor that still carries a graph keeps it in a surrounding scope; the outermost scope
 * returns it detached.
 *
 * @throws ScopeError when `fn` returns a promise or an iterator: await outside, and put scopes inside
 */
export function scope<T>(fn: () => T & ScopeResult<T>): T {
  const entered = enterScope();
  let ended = false;
  try {
    const result = fn();
    refuseDeferred(result);
    const kept = tensorsIn(result).filter((tensor) => ownedBy(tensor.storage, entered));
    ended = true;
    if (entered.parent !== undefined && kept.some((tensor) => tensor.node !== undefined))
      mergeScope(entered);
    else carryOut(kept, entered);
    return result;
  } finally {
    if (!ended) endScope(entered);
  }
}

/** Ends the scope and gives the tensors new memory outside it, with their contents. */
function carryOut(tensors: Tensor[], ending: Scope): void {
  const storages = new Set(tensors.map((tensor) => tensor.storage));
  for (const { leafGradient } of tensors)
    if (leafGradient) release(leafGradient.tensor.storage, ending);
  // Copies first: the parent's memory begins where the ending scope's is.
  const contents = new Map([...storages].map((storage) => [storage, words(storage).slice()]));
  endScope(ending);
  const moved = new Map<Storage, Storage>();
  for (const [storage, data] of contents) {
    const outside = allocate(storage.bytes);
    outside.holders = 0;
    words(outside).set(data);
    moved.set(storage, outside);
  }
  for (const tensor of tensors) {
    tensor.storage = moved.get(tensor.storage)!;
    tensor.storage.holders++;
    tensor.detachNode();
    if (tensor.leafGradient) tensor.storage.scope?.attached.add(tensor.leafGradient.tensor.storage);
  }
}

function words(storage: Storage): Float32Array {
  return f32(storage.ptr, storage.bytes / BYTES_PER_ELEMENT);
}

function release(gradient: Storage, scope: Scope): void {
  scope.attached.delete(gradient);
  for (const inner of scope.merged) release(gradient, inner);
}

function ownedBy(storage: Storage, scope: Scope): boolean {
  return storage.ptr !== 0 && storage.scope !== undefined && isWithin(storage.scope, scope);
}

function isWithin(scope: Scope, outer: Scope): boolean {
  return scope === outer || outer.merged.some((inner) => isWithin(scope, inner));
}

/** Every distinct tensor in a result, through arrays, plain objects, Maps and Sets. */
function tensorsIn(result: unknown): Tensor[] {
  const found = new Set<Tensor>();
  const seen = new Set<object>();
  const pending: unknown[] = [result];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    seen.add(value);
    if (value instanceof Tensor) found.add(value);
    else for (const inner of contentsOf(value)) pending.push(inner);
  }
  return [...found];
}

function contentsOf(value: object): Iterable<unknown> {
  if (Array.isArray(value) || value instanceof Set) return value;
  if (value instanceof Map) return value.values();
  return isPlain(value) ? Object.values(value) : [];
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function refuseDeferred(result: unknown): void {
  if (typeof result !== "object" || result === null) return;
  const has = (method: string) => typeof (result as Record<string, unknown>)[method] === "function";
  const deferred = has("then") ? "a promise" : has("next") ? "an iterator" : undefined;
  if (deferred !== undefined)
    throw new ScopeError({
      op: "scope",
      expected: "a function that finishes before it returns",
      got: deferred,
      cure: "A scope is synchronous: await (or iterate) outside it, and open a scope inside for each piece of work.",
    });
}
