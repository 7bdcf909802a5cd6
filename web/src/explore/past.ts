// Undo and redo: what was shown before, and what was taken back.

export interface Past<T> {
  before: readonly T[];
  now: T;
  after: readonly T[];
}

const KEPT = 100;

export function begun<T>(now: T): Past<T> {
  return { before: [], now, after: [] };
}

/** A step forward; what had been taken back is forgotten. The same value is no step. */
export function stepped<T>(past: Past<T>, next: T): Past<T> {
  return next === past.now ? past : { before: [...past.before, past.now].slice(-KEPT), now: next, after: [] };
}

/** Another value in place of the present one, without a step (what is filled in, a slider under way). */
export function replaced<T>(past: Past<T>, next: T): Past<T> {
  return { ...past, now: next };
}

export function undone<T>(past: Past<T>): Past<T> {
  const last = past.before.at(-1);
  return last === undefined ? past : { before: past.before.slice(0, -1), now: last, after: [past.now, ...past.after] };
}

export function redone<T>(past: Past<T>): Past<T> {
  const [next, ...after] = past.after;
  return next === undefined ? past : { before: [...past.before, past.now], now: next, after };
}
