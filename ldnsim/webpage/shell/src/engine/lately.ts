/**
 * Objects that were used last, a few of each kind. While there are such objects, a browser keeps the code that it compiled
 * for them; without any, it would compile all of it anew for each answer.
 */

const kinds = new Map<string, unknown>();

/** Keeps an object until the next of its kind. */
export function keep<T>(kind: string, one: T): T {
  kinds.set(kind, one);
  return one;
}
