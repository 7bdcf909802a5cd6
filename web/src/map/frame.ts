// Drawing a frame over the map with the mouse or a pen: the cells it touches are chosen. Fingers scroll.
import { type PointerEvent, type RefObject, useRef, useState } from "react";
import { go, type Place } from "../route.ts";
import { framed, touched } from "./chosen.ts";
import type { Box, Picture } from "./layout.ts";
import { choosing } from "./view.ts";

/** Pixels that the pointer moves before a press is a frame and no click. */
const STILL = 5;

interface Frame {
  drawn: Box | null;
  /** Whether the click that follows belongs to a frame just finished. */
  justDrawn: () => boolean;
  handlers: Record<"onPointerDown" | "onPointerMove" | "onPointerUp" | "onPointerCancel", (event: PointerEvent<SVGSVGElement>) => void>;
}

/** With Shift or Ctrl held the frame adds to what is chosen. */
export function useFrame(svg: RefObject<SVGSVGElement | null>, picture: Picture, chosen: readonly string[], place: Place): Frame {
  const [drawn, setDrawn] = useState<Box | null>(null);
  const start = useRef<{ x: number; y: number } | null>(null);
  const just = useRef(false);
  const at = (event: PointerEvent): { x: number; y: number } => {
    const box = svg.current?.getBoundingClientRect();
    if (!box) return { x: 0, y: 0 };
    return { x: ((event.clientX - box.left) * picture.width) / box.width, y: ((event.clientY - box.top) * picture.height) / box.height };
  };
  const end = (): void => {
    start.current = null;
    setDrawn(null);
  };
  return {
    drawn,
    justDrawn: () => just.current,
    handlers: {
      onPointerDown: (event) => {
        just.current = false;
        if (event.button === 0 && event.pointerType !== "touch") start.current = at(event);
      },
      onPointerMove: (event) => {
        if (!start.current) return;
        const here = at(event);
        if (!drawn && Math.hypot(here.x - start.current.x, here.y - start.current.y) < STILL) return;
        if (!drawn) event.currentTarget.setPointerCapture(event.pointerId);
        setDrawn(framed(start.current.x, start.current.y, here.x, here.y));
      },
      onPointerUp: (event) => {
        if (drawn) {
          just.current = true;
          const cells = touched(picture.cells, drawn);
          go(choosing(place, event.shiftKey || event.ctrlKey || event.metaKey ? [...chosen, ...cells] : cells));
        }
        end();
      },
      onPointerCancel: end,
    },
  };
}
