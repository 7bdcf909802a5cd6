// A file of the API, asked for in the reader's language and saved under its own name.
import { useState } from "react";
import { Failure, failure as failed } from "../api.ts";
import { Button } from "../parts/form.tsx";
import { Failed } from "../parts/states.tsx";
import { useSettings } from "../settings.ts";

/** Fetches a file and hands it to the browser to keep. Throws `Failure`. */
async function save(url: string, name: string, lang: string): Promise<void> {
  let response: Response;
  try {
    response = await fetch(url, { headers: { "Accept-Language": lang }, credentials: "same-origin" });
  } catch {
    throw new Failure(0, "", "unreachable");
  }
  if (!response.ok) throw await failed(response);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Saves files one at a time, and tells how it goes. */
export function useSave(): { busy: boolean; failure?: Failure | undefined; save: (url: string, name: string) => void; clear: () => void } {
  const { lang } = useSettings();
  const [state, setState] = useState<{ busy: boolean; failure?: Failure }>({ busy: false });
  const start = (url: string, name: string): void => {
    setState({ busy: true });
    save(url, name, lang).then(
      () => setState({ busy: false }),
      (error: unknown) => setState({ busy: false, failure: error instanceof Failure ? error : new Failure(0, String(error), "unexpected") }),
    );
  };
  return { ...state, save: start, clear: () => setState({ busy: false }) };
}

export function Download({ url, name, children }: { url: string; name: string; children: string }) {
  const { busy, failure, save: start, clear } = useSave();
  if (failure) return <Failed failure={failure} again={clear} />;
  return (
    <Button isDisabled={busy} onPress={() => start(url, name)}>
      {busy ? `${children} …` : children}
    </Button>
  );
}
