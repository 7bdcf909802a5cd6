// The title of the browser tab.
import { useEffect } from "react";
import { useSettings } from "./settings.ts";

export function useTitle(title: string | undefined): void {
  const { t } = useSettings();
  const name = t("dayan");
  useEffect(() => {
    document.title = title ? `${title} · ${name}` : name;
  }, [title, name]);
}
