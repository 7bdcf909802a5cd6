// Words of the sign-in page.
import type { Pair } from "../words.ts";

export const own = {
  title: { zh: "登录", en: "Sign in" },
  lead: { zh: "用 API 密钥登录。密钥由管理员签发，只在签发时显示一次。", en: "Sign in with an API key. An administrator makes keys; a key is shown once, when it is made." },
  key: { zh: "密钥", en: "Key" },
  key_hint: { zh: "形如 dy_…；只用来换取本次会话，不保存在浏览器里", en: "It begins with dy_; it is exchanged for a session and not kept in the browser" },
  enter: { zh: "登录", en: "Sign in" },
  oidc: { zh: "用单位账号登录", en: "Sign in with your organisation's account" },
  or: { zh: "或", en: "or" },
  known: { zh: "已登录：{name}", en: "Signed in: {name}" },
  local: { zh: "这台机器上还没有签发过密钥，本机用户无需登录。", en: "No key was made on this machine yet: its user needs none." },
  go_on: { zh: "进入", en: "Go on" },
  ended: { zh: "上次的会话已结束，请重新登录。", en: "The last session has ended; please sign in again." },
  elsewhere: { zh: "单位账号登录没有成功：{problem}", en: "Signing in elsewhere failed: {problem}" },
  make: { zh: "签发第一把密钥：", en: "The first key is made with:" },
} as const satisfies Record<string, Pair>;
