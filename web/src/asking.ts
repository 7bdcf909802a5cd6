// The typed door to /v1: paths, parameters and answers come from the generated description (api/schema.d.ts).
import type { components, paths } from "./api/schema.d.ts";
import { Failure, failure } from "./api.ts";

export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

type Method = "get" | "post" | "patch" | "delete";
type With<M extends Method> = { [P in keyof paths]: paths[P] extends Record<M, { responses: unknown }> ? P : never }[keyof paths];
type Operation<P extends keyof paths, M extends Method> = paths[P] extends Record<M, infer O> ? O : never;
type Json<T> = T extends { content: { "application/json": infer J } } ? J : never;
type AnswerOf<O> = O extends { responses: infer R } ? Json<R[Extract<keyof R, 200 | 201 | 202>]> : never;
type Part<O, K extends "path" | "query"> = O extends { parameters: infer Q } ? (K extends keyof Q ? Q[K] : undefined) : undefined;
/** A body: what the server has a default for may be left out, which the description does not tell apart. */
type BodyOf<O> = O extends { requestBody?: { content: { "application/json": infer J } } } ? (J extends readonly unknown[] ? J : Partial<J>) : undefined;

type Values = Readonly<Record<string, unknown>>;
/** What a question needs: the parts of the path, the query, the body. */
interface Given<O> {
  path?: Part<O, "path"> | undefined;
  query?: Loose<Part<O, "query">> | undefined;
  body?: BodyOf<O> | undefined;
}
type Loose<T> = T extends object ? { [K in keyof T]?: T[K] | undefined } : undefined;

/** A question and, as a type only, what it answers. Two with the same `key` ask the same. */
export interface Question<T> {
  readonly method: Method;
  readonly url: string;
  readonly body?: string | undefined;
  readonly key: string;
  readonly answers?: T;
}

/** Writes the address of a path of the description. */
export function addressOf(path: string, parts: Values = {}, query: Values = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(parts[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null) continue;
    for (const one of Array.isArray(value) ? value : [value]) search.append(name, String(one));
  }
  const text = search.toString();
  return text ? `${filled}?${text}` : filled;
}

function question<P extends keyof paths, M extends Method>(method: M, path: P, given: Given<Operation<P, M>>): Question<AnswerOf<Operation<P, M>>> {
  const url = addressOf(path, (given.path ?? {}) as Values, (given.query ?? {}) as Values);
  const body = given.body === undefined ? undefined : JSON.stringify(given.body);
  return { method, url, body, key: `${method} ${url} ${body ?? ""}` };
}

/** A reading question: `get("/v1/enterprises/{enterprise}", { path: { enterprise: id } })`. */
export function get<P extends With<"get">>(path: P, given: Given<Operation<P, "get">> = {}): Question<AnswerOf<Operation<P, "get">>> {
  return question("get", path, given);
}

/** A question with a body, or a deed. */
export function post<P extends With<"post">>(path: P, given: Given<Operation<P, "post">> = {}): Question<AnswerOf<Operation<P, "post">>> {
  return question("post", path, given);
}

/** A change of what is there. */
export function patch<P extends With<"patch">>(path: P, given: Given<Operation<P, "patch">> = {}): Question<AnswerOf<Operation<P, "patch">>> {
  return question("patch", path, given);
}

/** Taking something away. */
export function remove<P extends With<"delete">>(path: P, given: Given<Operation<P, "delete">> = {}): Question<AnswerOf<Operation<P, "delete">>> {
  return question("delete", path, given);
}

interface How {
  signal?: AbortSignal | undefined;
  /** Said once, done once: the same key again is the same deed. */
  idempotency?: string | undefined;
}

const early = new Map<string, Promise<unknown>>();

/** Asks ahead of the page that will: whoever asks the same first is given this answer. */
export function prime<T>(what: Question<T>, lang: string): void {
  const key = `${lang} ${what.key}`;
  if (early.has(key)) return;
  const answer = asked(what, lang);
  answer.catch(() => undefined); // told to whoever takes it
  early.set(key, answer);
}

/** Asks, in the reader's language. Throws `Failure`; 401 is also told to whoever listens for SIGNED_OUT. */
export async function asked<T>(what: Question<T>, lang: string, how: How = {}): Promise<T> {
  const primed = what.method === "get" ? early.get(`${lang} ${what.key}`) : undefined;
  if (primed) {
    early.delete(`${lang} ${what.key}`);
    return (await primed) as T;
  }
  const headers: Record<string, string> = { Accept: "application/json", "Accept-Language": lang };
  if (what.body !== undefined) headers["Content-Type"] = "application/json";
  if (how.idempotency) headers["Idempotency-Key"] = how.idempotency;
  let response: Response;
  try {
    response = await fetch(what.url, { method: what.method.toUpperCase(), headers, body: what.body ?? null, credentials: "same-origin", signal: how.signal ?? null });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Failure(0, "", "unreachable");
  }
  if (response.status === 401) dispatchEvent(new Event(SIGNED_OUT));
  if (!response.ok) throw await failure(response);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** Fired when the server no longer knows who asks. */
export const SIGNED_OUT = "dayan:signed-out";
