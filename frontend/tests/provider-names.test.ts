import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const FRONTEND = path.resolve(import.meta.dirname, "..");
const DECLARATIONS = path.resolve(FRONTEND, "../adapters/outbound/providers");
/** Written by a program from the API's description, which names a route of each provider. */
const GENERATED = path.join("lib", "api", "schema.d.ts");

const slugs = readdirSync(DECLARATIONS)
  .filter((file) => /^[a-z].*\.py$/.test(file))
  .map((file) => path.basename(file, ".py"));

const sources = ["app", "components", "lib"].flatMap((folder) =>
  readdirSync(path.join(FRONTEND, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(FRONTEND, path.join(entry.parentPath, entry.name)))
    .filter((file) => file !== GENERATED),
);

test("there are providers and sources to look at", () => {
  expect(slugs.length).toBeGreaterThan(0);
  expect(sources).toContain(path.join("lib", "paths.ts"));
});

test.each(slugs)("nothing here names %s: what one provider gets, the next one gets too", (slug) => {
  const naming = new RegExp(slug.replaceAll("_", "[ _-]?"), "i");
  const found = sources.filter((file) => naming.test(readFileSync(path.join(FRONTEND, file), "utf8")));
  expect(found).toEqual([]);
});
