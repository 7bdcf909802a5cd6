// The typed client: what the pages ask of /v1, and the shapes they get back.

export type Side = "suppliers" | "customers";

/** What every answer carries: the published version it was read from and its data cut-off. */
export interface Answer {
  snapshot: string | null;
  as_of: string | null;
}
export interface Listing<T> extends Answer {
  items: T[];
  total: number;
  next: string | null;
}
export interface Named {
  id: string;
  name: string;
}

export interface ChainCard extends Named {
  enterprises: number;
  segments: number;
  amount_fen: number;
  unplaced: number;
  synthetic: boolean;
}
/** Each enterprise of the graph counted once. */
export interface Totals {
  enterprises: number;
  placed: number;
  unplaced: number;
  hubs: number;
  with_goods: number;
}
export interface ChainList extends Listing<ChainCard> {
  totals: Totals;
}
export interface Segment extends Named {
  tier: number;
  role: string;
  end: boolean;
}
export interface CellPlace {
  segment: string;
  depth: number;
}
export interface Cell extends CellPlace {
  enterprises: number;
  amount_fen: number;
}
export interface Flow {
  from: CellPlace;
  to: CellPlace;
  amount_fen: number;
  links: number;
}
export interface Core extends Named {
  segment: string | null;
  depth?: number | null;
}
export interface IndustryMap extends Answer {
  chain: Named;
  synthetic: boolean;
  core_known: boolean;
  cores: Core[];
  candidates: (Named & { amount_fen: number })[];
  segments: Segment[];
  depths: number[];
  cells: Cell[];
  flows: Flow[];
  unplaced: { enterprises: number; amount_fen: number };
  total: number;
}
export interface Resident extends Named {
  code: string | null;
  region: string | null;
  segment: string | null;
  confidence: number | null;
  depth: number | null;
  level: number | null;
  sales_fen: number | null;
  own_books: boolean;
}
export interface Found extends Named {
  code: string | null;
  match: "name" | "pinyin" | "initials" | "code";
}
export interface Member {
  party: string;
  scheme: string;
  code: string | null;
  name: string | null;
  reason: string | null;
  reason_text: string | null;
  evidence: number;
}
export interface Position {
  chain: Named;
  segment: Named | null;
  confidence: number | null;
  membership: number | null;
  level: number | null;
  depth: number | null;
  depth_unweighted: number | null;
  core: Named | null;
  level_text: string | null;
}
/** A month of which own books are in. */
export interface OwnMonth {
  month: string;
  invoices: number;
}
export interface Enterprise extends Answer, Named {
  code: string | null;
  scheme: string;
  region: string | null;
  industry: string | null;
  size: string | null;
  taxpayer: string | null;
  legal_form: string | null;
  role: string | null;
  hub: boolean;
  synthetic: boolean;
  own_books: { sales_until: string | null; purchases_until: string | null; sales?: OwnMonth[]; purchases?: OwnMonth[] };
  sales_fen: number | null;
  purchases_fen: number | null;
  retail_fen?: number | null;
  customers: number;
  suppliers: number;
  first: string | null;
  last: string | null;
  members: Member[];
  positions: Position[];
}
export interface Partner extends Named {
  amount_fen: number;
  gross_fen: number;
  red_fen: number;
  count: number;
  first: string | null;
  last: string | null;
  attested: string | null;
  hub: boolean;
}
export interface Neighbours extends Answer {
  total: number;
  shown: number;
  items: Partner[];
  note: string;
}
export interface InvoiceLine {
  item: string | null;
  quantity: string | null;
  unit: string | null;
  price: string | null;
  amount_fen: number | null;
  rate: string | null;
}
export interface Paper extends Named {
  row: number | null;
  format: string;
  amount_fen?: number | null;
  total_fen?: number | null;
  status?: string | null;
}
export interface Warning {
  code: string;
  message: string;
  field?: string | null;
  value?: string | null;
}
export interface Proof {
  fact: string;
  number: string | null;
  kind: string | null;
  kind_text: string | null;
  happened_on: string | null;
  amount_fen: number | null;
  tax_fen: number | null;
  total_fen: number | null;
  currency?: string | null;
  status: string;
  lines: InvoiceLine[];
  documents: Paper[];
  disagrees?: boolean;
  warnings?: Warning[];
}
export interface Hop {
  from: Named;
  to: Named;
  amount_fen: number;
  count: number;
  first: string | null;
  last: string | null;
  items: string[];
  months?: string[];
  feeds?: boolean | null;
  reason?: string | null;
}
export interface Ways extends Answer {
  items: { hops: Hop[] }[];
  longest: number;
  cut: boolean;
}

/** A problem+json answer, or a network that gave none (`status` 0). `detail` is made for people. */
export class Failure extends Error {
  constructor(
    readonly status: number,
    readonly detail: string,
    readonly code: string,
  ) {
    super(detail || code);
  }
}

export interface CellQuery {
  segment?: string | undefined;
  depth?: number | undefined;
  unplaced?: boolean | undefined;
  cursor?: string | undefined;
}

/** Whether an address names an enterprise by its id; else by its credit code, which is looked up first. */
export function isId(enterprise: string | undefined): enterprise is string {
  return enterprise !== undefined && /^[0-9a-f]{16}$/.test(enterprise);
}

type Params = Record<string, string | number | boolean | undefined>;

export function address(path: string, params: Params = {}): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) if (value !== undefined) query.set(key, String(value));
  const text = query.toString();
  return `/v1/${path}${text ? `?${text}` : ""}`;
}

const at = encodeURIComponent;

/** Addresses of everything the pages read; `ask` fetches one. */
export const where = {
  chains: () => address("chains"),
  map: (chain: string) => address(`chains/${at(chain)}/map`, { color: "count" }),
  residents: (chain: string, query: CellQuery) => address(`chains/${at(chain)}/enterprises`, { ...query, limit: 40 }),
  unplaced: (cursor?: string) => address("enterprises/unplaced", { limit: 40, cursor }),
  search: (q: string) => address("enterprises", { q, limit: 10 }),
  enterprise: (id: string) => address(`enterprises/${at(id)}`),
  neighbours: (id: string, side: Side, limit: number) => address(`enterprises/${at(id)}/neighbours`, { side, limit }),
  evidence: (id: string, partner: string, side: Side, cursor?: string) =>
    address(`enterprises/${at(id)}/evidence`, { partner, side, limit: 20, cursor }),
  toCore: (id: string, chain: string) => address(`enterprises/${at(id)}/paths`, { to: "core", chain, limit: 3 }),
  original: (document: string) => address(`documents/${at(document)}/original`),
};

/** What a refused answer says. */
export async function failure(response: Response): Promise<Failure> {
  const problem = (await response.json().catch(() => ({}))) as { detail?: string; title?: string; code?: string };
  return new Failure(response.status, problem.detail ?? problem.title ?? "", problem.code ?? "");
}

/** Fetches one address in the reader's language. Throws `Failure`. */
export async function ask<T>(url: string, lang: string, signal?: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch(url, { headers: { Accept: "application/json", "Accept-Language": lang }, signal: signal ?? null });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Failure(0, "", "unreachable");
  }
  if (!response.ok) throw await failure(response);
  return (await response.json()) as T;
}
