// The rejected rows of a paper as a download: the user's own columns, and one that says why in their language.
import { type MouseEvent, type ReactNode, useState } from "react";
import { useSettings } from "../settings.ts";

/** A link, so that it can be copied and opened; a plain click asks in the page's language, which a link cannot. */
export function Rejects({ sha256, name, children, label, className }: { sha256: string; name: string; children: ReactNode; label?: string; className?: string }) {
  const { lang, t } = useSettings();
  const [failed, setFailed] = useState(false);
  const url = `/v1/documents/${sha256}/rejects`;
  const fetched = async (): Promise<void> => {
    const response = await fetch(url, { headers: { "Accept-Language": lang }, credentials: "same-origin" });
    if (!response.ok) throw new Error(String(response.status));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await response.blob());
    link.download = `${name.split("/").at(-1) ?? name}.rejects.csv`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  const click = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    fetched().then(
      () => setFailed(false),
      () => setFailed(true),
    );
  };
  return (
    <>
      <a href={url} download onClick={click} className={className} aria-label={label} title={label}>
        {children}
      </a>
      {failed && (
        <span className="wrong" role="alert">
          {t("failed")}
        </span>
      )}
    </>
  );
}
