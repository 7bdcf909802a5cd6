// Where two names differ: what they begin and end with alike, and the middle that sets one apart.

/** [same beginning, what only this one has, same end]; the middle is "" where all of it stands in the other. */
export function differing(text: string, other: string): [string, string, string] {
  const [a, b] = [[...text], [...other]];
  let head = 0;
  while (head < Math.min(a.length, b.length) && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(a.length, b.length) - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  const cut = a.length - tail;
  return [a.slice(0, head).join(""), a.slice(head, cut).join(""), a.slice(cut).join("")];
}
