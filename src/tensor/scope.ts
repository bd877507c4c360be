import { isPlain } from "../core/described.js";
import { checkCall } from "../core/check.js";
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
 * @example
 * ```ts
 * const weight = randn([3, 3], { requiresGrad: true });
 * const loss = scope(() => {
 *   const hidden = weight.matmul(ones([3, 1])); // released at the end
 *   return hidden.sum().item(); // numbers, tensors, arrays and objects of tensors come out
 * });
 * typeof loss; // "number"
 * ```
 */
export function scope<T>(fn: () => T & ScopeResult<T>): T {
  checkCall("scope", arguments, "fn:function");
  return scopeReturning<T>(fn, tensorsIn);
}

/** @internal As {@link scope}, for a function of the library that says itself which tensors of its result go on living. */
export function scopeReturning<T>(fn: () => T, tensorsOf: (result: T) => readonly Tensor[]): T {
  const entered = enterScope();
  let ended = false;
  try {
    const result = fn();
    const kept = tensorsOf(result).filter((tensor) => endsWith(tensor, entered));
    if (kept.length === 0) return result;
    ended = true;
    if (TRAINING && entered.parent && kept.some((tensor) => tensor.node !== undefined))
      mergeScope(entered);
    else carryOut(kept, entered);
    return result;
  } finally {
    if (!ended) endScope(entered);
  }
}

/**
 * Ends the scope and hands the tensors to its parent (at the top, to whoever holds them): those in its
 * arena get new memory with their contents, those over heap memory keep it.
 */
function carryOut(tensors: Tensor[], ending: Scope): void {
  const gradients = TRAINING ? tensors.flatMap((tensor) => tensor.leafGradient?.tensor ?? []) : [];
  const attached = [...tensors, ...gradients].filter((each) => detachFrom(ending, each));
  // Copies first: the parent's memory begins where the ending scope's is.
  const inArena = new Set(tensors.map(({ storage }) => storage).filter((storage) => storage.scope));
  const contents = new Map([...inArena].map((storage) => [storage, words(storage).slice()]));
  endScope(ending);
  const moved = new Map<Storage, Storage>();
  for (const [storage, data] of contents) {
    const outside = allocate(storage.bytes);
    outside.holders = 0;
    words(outside).set(data);
    moved.set(storage, outside);
  }
  for (const tensor of tensors) {
    const outside = moved.get(tensor.storage);
    if (outside) {
      tensor.storage = outside;
      outside.holders++;
    }
    tensor.detachNode();
  }
  for (const tensor of attached) ending.parent?.attached.add(tensor);
}

function words(storage: Storage): Float32Array {
  return f32(storage.ptr, storage.bytes / BYTES_PER_ELEMENT);
}

/** Whether a tensor goes when the scope ends. */
function endsWith(tensor: Tensor, scope: Scope): boolean {
  const { live, scope: own } = tensor.storage;
  return live && within(scope, (each) => each === own || each.attached.has(tensor));
}

/** Takes a tensor off those that go with the scope; false where it was none of them. */
function detachFrom(scope: Scope, tensor: Tensor): boolean {
  return within(scope, ({ attached }) => attached.delete(tensor));
}

/** Whether `test` holds for the scope or one that was merged into it. */
function within(scope: Scope, test: (scope: Scope) => boolean): boolean {
  return test(scope) || scope.merged.some((inner) => within(inner, test));
}

const NONE: readonly Tensor[] = [];

/** Every distinct tensor in a result, through arrays, plain objects, Maps and Sets. */
function tensorsIn(result: unknown): readonly Tensor[] {
  // Most often a number, or nothing.
  if (typeof result !== "object" || result === null) return NONE;
  refuseIterator(result);
  const found = new Set<Tensor>();
  const seen = new Set<object>();
  const pending: unknown[] = [result];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    seen.add(value);
    refusePromise(value);
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

function refusePromise(value: object): void {
  if (!has(value, "then")) return;
  // Nobody else waits for it: that it fails too, once its tensors are gone, would end Node.
  if (value instanceof Promise) value.catch(() => {});
  throw notFinished("a promise");
}

function refuseIterator(result: object): void {
  if (has(result, "next")) throw notFinished("an iterator");
}

function has(value: object, method: string): boolean {
  return method in value && typeof (value as Record<string, unknown>)[method] === "function";
}

function notFinished(got: string): ScopeError {
  return new ScopeError({
    op: "scope",
    expected: "a function that finishes before it returns",
    got,
    cure: "A scope is synchronous: await (or iterate) outside it, and open a scope inside for each piece of work.",
  });
}
