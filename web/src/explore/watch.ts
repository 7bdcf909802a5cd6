// What the explorer follows outside of itself: the window, the appearance, names of groups, the keys of undo.
import { useCallback, useEffect, useRef, useState } from "react";
import { useAsked } from "../answer.ts";
import { get } from "../asking.ts";
import { sentence } from "../format.ts";
import { useLabel } from "../say.ts";
import { useSettings } from "../settings.ts";
import type { Explorer } from "./explorer.ts";
import type { Called } from "./sift.ts";
import type { View } from "./view.ts";

/** Whether the window is higher than wide: columns then stand closer. */
export function useTall(): boolean {
  const query = "(max-aspect-ratio: 1/1)";
  const [tall, setTall] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    const changed = (): void => setTall(media.matches);
    media.addEventListener("change", changed);
    return () => media.removeEventListener("change", changed);
  }, []);
  return tall;
}

/** Light or dark as it stands, so that a change draws anew. */
export function useLook(): string {
  const { theme } = useSettings();
  const [dark, setDark] = useState(() => matchMedia("(prefers-color-scheme: dark)").matches);
  useEffect(() => {
    const media = matchMedia("(prefers-color-scheme: dark)");
    const changed = (): void => setDark(media.matches);
    media.addEventListener("change", changed);
    return () => media.removeEventListener("change", changed);
  }, []);
  const [look, setLook] = useState(`${theme} ${dark}`);
  // The shell sets the appearance in an effect of its own: the colours are read after it.
  useEffect(() => {
    const frame = requestAnimationFrame(() => setLook(`${theme} ${dark}`));
    return () => cancelAnimationFrame(frame);
  }, [theme, dark]);
  return look;
}

/** Names of groups: provinces by the API's labels, chains by their list. */
export function useCalled(group: View["group"]): Called {
  const label = useLabel();
  const chains = useAsked(group === "chain" ? get("/v1/chains") : null);
  const items = chains.data?.items;
  const province = useRef(label);
  province.current = label;
  return useCallback<Called>((by, key, name) => sentence(by === "region" ? province.current(`province_${key}`) : by === "chain" ? (items?.find(({ id }) => id === key)?.name ?? name) : name), [items]);
}

export function useUndoKeys({ undo, redo }: Explorer): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || /^(INPUT|TEXTAREA)$/.test((event.target as HTMLElement).tagName)) return;
      const key = event.key.toLowerCase();
      const deed = key === "z" && !event.shiftKey ? undo : key === "y" || (key === "z" && event.shiftKey) ? redo : undefined;
      if (deed === undefined) return;
      event.preventDefault();
      deed?.();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [undo, redo]);
}
