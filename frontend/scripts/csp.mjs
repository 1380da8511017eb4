/**
 * Writes `out/csp.json`: for each exported page, the hashes of its inline scripts, so that the server can send a
 * Content-Security-Policy that runs these and no others. Fails where a page needs what that policy refuses.
 */
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../out");
const SCRIPT = /<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/gi;
const REFUSED = [
  [/<style[\s>]/i, "a <style> element"],
  [/<[a-z][^>]*\sstyle=/i, "a style attribute"],
  [/<[a-z][^>]*\son[a-z]+=/i, "an event handler attribute"],
];

const hash = (script) => `sha256-${createHash("sha256").update(script).digest("base64")}`;

function hashesOf(page, html) {
  const markup = html.replace(SCRIPT, "");
  const [, refused] = REFUSED.find(([pattern]) => pattern.test(markup)) ?? [];
  if (refused) throw new Error(`${page} holds ${refused}, which the Content-Security-Policy refuses`);
  return [...new Set([...html.matchAll(SCRIPT)].map(([, script]) => hash(script)))];
}

const files = (await readdir(root, { recursive: true })).filter((file) => file.endsWith(".html")).sort();
const pages = {};
for (const file of files) pages[file] = hashesOf(file, await readFile(path.join(root, file), "utf8"));
await writeFile(path.join(root, "csp.json"), `${JSON.stringify(pages, null, 2)}\n`);
