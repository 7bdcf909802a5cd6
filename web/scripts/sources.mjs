// Writes api/pages/SOURCES.sha256: one line per source of the pages, so that a stale build is told;
// tests are no part of the pages and do not age them.
// With --check it compares instead. tests/test_pages_fresh.py does the same without Node.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

const web = join(import.meta.dirname, "..");
const target = join(web, "..", "api", "pages", "SOURCES.sha256");
const left_out = new Set(["node_modules", "dist"]);

function files(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (left_out.has(name) || /\.(test\.ts|tsbuildinfo)$/.test(name)) return [];
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

const listing = files(web)
  .map((path) => [relative(web, path).split(sep).join("/"), createHash("sha256").update(readFileSync(path)).digest("hex")])
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([path, hash]) => `${hash}  ${path}\n`)
  .join("");

if (process.argv.includes("--check")) {
  if (readFileSync(target, "utf8") !== listing) {
    console.error("api/pages is older than web/: run `npm run build` in web/");
    process.exit(1);
  }
} else {
  writeFileSync(target, listing);
}
