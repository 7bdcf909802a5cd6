// Handing files in: cut into requests of a bearable size, each with a key so that sending again is no second deed.
import { Failure, failure } from "../api.ts";
import { type Schema, SIGNED_OUT } from "../asking.ts";

export type Upload = Schema<"Upload">;

/** Files and bytes of one request: a line that breaks loses a few seconds, not an hour. */
export const MOST_FILES = 200;
export const MOST_BYTES = 64 * 2 ** 20;

/** What file managers leave in folders; nobody means these as papers. */
const DROSS = /^(\.|~\$)|^(thumbs\.db|desktop\.ini)$/i;

export interface Parcel {
  files: readonly File[];
  key: string;
  owner: string;
  /** Whether the graph is built after it: after the last parcel alone. */
  build: boolean;
}

/** Files that say something: without what systems leave behind, and without empty ones. */
export function meant(files: readonly File[]): { files: File[]; empty: number } {
  const real = files.filter((file) => !DROSS.test(file.name));
  const full = real.filter((file) => file.size > 0);
  return { files: full, empty: real.length - full.length };
}

/** Cuts files into parcels in their order. A file larger than a parcel goes alone. */
export function parcels(files: readonly File[], owner: string, newKey: () => string): Parcel[] {
  const cut: File[][] = [];
  let bytes = 0;
  for (const file of files) {
    const last = cut.at(-1);
    if (!last || last.length >= MOST_FILES || bytes + file.size > MOST_BYTES) {
      cut.push([file]);
      bytes = file.size;
    } else {
      last.push(file);
      bytes += file.size;
    }
  }
  return cut.map((files, at) => ({ files, owner, key: newKey(), build: at === cut.length - 1 }));
}

/** Sends one parcel; `progress` is told the share that is through. Throws `Failure`. */
export function send(parcel: Parcel, lang: string, progress: (share: number) => void): Promise<Upload> {
  const form = new FormData();
  if (parcel.owner) form.append("owner", parcel.owner);
  form.append("build", String(parcel.build));
  for (const file of parcel.files) form.append("files", file, file.name);
  return new Promise((resolve, reject) => {
    // fetch tells nothing of how much went up; this does.
    const request = new XMLHttpRequest();
    request.open("POST", "/v1/documents");
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Accept-Language", lang);
    request.setRequestHeader("Idempotency-Key", parcel.key);
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onerror = () => reject(new Failure(0, "", "unreachable"));
    request.onload = () => {
      if (request.status === 401) dispatchEvent(new Event(SIGNED_OUT));
      if (request.status === 202) resolve(JSON.parse(request.responseText) as Upload);
      else void failure(new Response(request.responseText, { status: request.status })).then(reject);
    };
    request.send(form);
  });
}
