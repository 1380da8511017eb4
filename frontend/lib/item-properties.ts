import type { Item } from "./api/types";

interface ItemText {
  /** The item's text as Markdown, where the provider has given it. */
  markdown: string | null;
  /** Name and value of everything else that says something. */
  facts: [string, string][];
}

export function textOf(properties: Item["properties"]): ItemText {
  const { markdown, ...others } = properties;
  const isText = typeof markdown === "string";
  const facts = Object.entries(isText ? others : properties).flatMap(([name, value]): [string, string][] => {
    const said = inWords(value);
    return said === null ? [] : [[name, said]];
  });
  return { markdown: isText && markdown.trim() ? markdown : null, facts };
}

function inWords(value: unknown): string | null {
  if (value === null || value === undefined || value === "") return null;
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
