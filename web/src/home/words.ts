// Words of the first page.
import type { Pair } from "../words.ts";

export const own = {
  lead: { zh: "从一行单据，到一家企业在产业链上的位置，到一笔钱的决定。", en: "From a line on a paper, to where a firm stands in its chain, to a decision about money." },
  maps: { zh: "产业地图", en: "Industry maps" },
  all_maps: { zh: "全部 {n} 条产业链", en: "All {n} chains" },
  chain_segments: { zh: "产业链 · 环节数", en: "Chain · segments" },
  changes: { zh: "有什么变化", en: "What changed" },
  since: { zh: "{before} → {after}", en: "{before} → {after}" },
  placed: { zh: "新定位的企业", en: "Newly placed" },
  unplaced: { zh: "失去位置的企业", en: "Lost their place" },
  new_enterprises: { zh: "新出现的企业", en: "New enterprises" },
  new_links: { zh: "新的交易关系", en: "New links" },
  gone: { zh: "不再出现的企业", en: "No longer seen" },
  alerts: { zh: "关注名单的提醒", en: "Alerts of watchlists" },
  no_watch: { zh: "还没有关注名单。到“名单”里筛选或粘贴企业，存为关注名单，变化会出现在这里。", en: "No watchlist yet. Screen or paste firms under Lists and save them as a watchlist; what changes shows here." },
  no_alerts: { zh: "关注的企业没有变化。", en: "Nothing changed about the firms you watch." },
  lists: { zh: "去建名单", en: "Make a list" },
  nothing: { zh: "这里还没有数据", en: "Nothing is here yet" },
  nothing_do: { zh: "把单据拖进“单据”页，或在命令行读入并建图：", en: "Drop papers on the Documents page, or read them and build on the command line:" },
  documents: { zh: "去交单据", en: "Hand in papers" },
  stranger: { zh: "请先登录。", en: "Please sign in first." },
  by_the_bar: { zh: "你的权限不含产业图谱。能打开的页面在上方导航里。", en: "Your role does not include the industry graph. The bar above leads to what you may open." },
  owner: { zh: "我的企业", en: "My firm" },
} as const satisfies Record<string, Pair>;
