// Text as it stands on a paper: names, items and units stay in their language, and are marked as being in it.

export function isChinese(text: string): boolean {
  return /\p{Script=Han}/u.test(text);
}

export function Printed({ children }: { children: string | null | undefined }) {
  if (!children) return null;
  return isChinese(children) ? <span lang="zh-CN">{children}</span> : children;
}
