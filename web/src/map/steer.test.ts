// Arrow keys reach every cell and never jump against their direction.
import { expect, it } from "vitest";
import type { PlacedCell } from "./layout.ts";
import { steer } from "./steer.ts";

const cell = (row: number, column: number): PlacedCell => ({ key: `${row}@${column}`, row, column, x: 0, y: 0, width: 1, height: 1, step: 0, cell: { segment: String(row), depth: -column, enterprises: 1, amount_fen: 0 } });
const cells = [cell(0, 0), cell(0, 1), cell(1, 1), cell(1, 3), cell(2, 2)];

it("goes along the row first", () => {
  expect(steer(cells, cells[0]!, "ArrowRight")?.key).toBe("0@1");
  expect(steer(cells, cells[2]!, "ArrowRight")?.key).toBe("1@3");
});

it("goes to the nearest cell below or above", () => {
  expect(steer(cells, cells[1]!, "ArrowDown")?.key).toBe("1@1");
  expect(steer(cells, cells[4]!, "ArrowUp")?.key).toBe("1@1");
});

it("stays where nothing lies ahead, and leaves other keys alone", () => {
  expect(steer(cells, cells[3]!, "ArrowRight")).toBeNull();
  expect(steer(cells, cells[0]!, "a")).toBeNull();
});

it("knows the first and the last", () => {
  expect(steer(cells, cells[2]!, "Home")?.key).toBe("0@0");
  expect(steer(cells, cells[2]!, "End")?.key).toBe("2@2");
});
