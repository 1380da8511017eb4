import { expect, test } from "vitest";

import type { Integration } from "@/lib/api/types";
import { countsInWords, nameOf, pluralOf } from "@/lib/format";
import { accountsToChoose, kindsToChoose, providersToChoose, withAccount, withProvider } from "@/lib/item-filter";
import { textOf } from "@/lib/item-properties";
import { paths } from "@/lib/paths";

const integration = (slug: string, kinds: string[], ...accounts: string[]) =>
  ({ slug, name: slug.toUpperCase(), kinds, connections: accounts.map((id) => ({ id, account: { name: id } })) }) as
    unknown as Integration;

const crm = integration("crm", ["contact", "deal"], "a1", "a2");
const wiki = integration("wiki", ["page", "data_source"], "b1");
const chat = integration("chat", ["channel"]);
const all = [crm, wiki, chat];

test("counts stand in the provider's order, and what there is none of is left out", () => {
  expect(countsInWords({ record: 1500, base: 1, table: 0 }, ["base", "table", "record"])).toEqual([
    "1 base",
    "1,500 records",
  ]);
  expect(countsInWords({ zebra: 2, base: 3, ant: 1 }, ["base"])).toEqual(["3 bases", "1 ant", "2 zebras"]);
  expect(countsInWords({}, ["base"])).toEqual([]);
});

test("the plural follows from the kind's name", () => {
  expect(["base", "table", "reply", "data_source", "box", "key"].map(pluralOf)).toEqual([
    "bases",
    "tables",
    "replies",
    "data sources",
    "boxes",
    "keys",
  ]);
});

test("only providers that have an account are offered, and all while none has", () => {
  expect(providersToChoose(all)).toEqual([crm, wiki]);
  expect(providersToChoose([chat])).toEqual([chat]);
});

test("kinds and accounts are those of the chosen provider", () => {
  expect(kindsToChoose(all, { provider: "wiki" })).toEqual(["page", "data_source"]);
  expect(kindsToChoose(all, { connection: "a2" })).toEqual(["contact", "deal"]);
  expect(kindsToChoose(all, {})).toEqual(["contact", "deal", "page", "data_source"]);
  expect(accountsToChoose(all, { provider: "wiki" })).toEqual([{ id: "b1", name: "WIKI: b1" }]);
  expect(accountsToChoose(all, {}).map(({ id }) => id)).toEqual(["a1", "a2", "b1"]);
});

test("a choice takes away what does not fit it, and nothing else", () => {
  const filter = { provider: "crm", connection: "a1", kind: "deal" };
  expect(withProvider(all, filter, "wiki")).toEqual({ provider: "wiki", connection: null, kind: null });
  expect(withProvider(all, filter, null)).toEqual({ ...filter, provider: null });
  expect(withAccount(all, filter, "a2")).toEqual({ ...filter, connection: "a2" });
  expect(withAccount(all, { kind: "deal" }, "b1")).toEqual({ kind: null, connection: "b1" });
});

test("addresses name the provider of a list, and the item of a view", () => {
  expect(paths.items({ provider: "crm", kind: "deal" })).toBe("/items/?provider=crm&kind=deal");
  expect(paths.item("a-_b")).toBe("/items/?item=a-_b");
});

test("Markdown stays the text that it is, apart from the other properties", () => {
  const others = { color: "red", empty: "", none: null, nested: { a: 1 } };
  const { markdown, facts } = textOf({ markdown: "# <b>Plan</b>", ...others });
  expect(markdown).toBe("# <b>Plan</b>");
  expect(facts).toEqual([
    ["color", "red"],
    ["nested", '{\n  "a": 1\n}'],
  ]);
});

test("a property that is only called like Markdown is one like any other", () => {
  expect(textOf({ markdown: 1 })).toEqual({ markdown: null, facts: [["markdown", "1"]] });
  expect(textOf({ markdown: " " })).toEqual({ markdown: null, facts: [] });
  expect(textOf({})).toEqual({ markdown: null, facts: [] });
});

test("an item without a name is called so", () => {
  expect(nameOf({ name: " " })).toBe("Unnamed");
  expect(nameOf({ name: "שלום" })).toBe("שלום");
});
