/** What can be chosen among the items, and what else a choice changes. */
import type { Integration } from "./api/types";
import type { ItemFilter } from "./paths";

type Integrations = readonly Integration[];

/** Those that have items: the ones with an account, or all while there is none. */
export function providersToChoose(integrations: Integrations): Integrations {
  const connected = integrations.filter(({ connections }) => connections.length > 0);
  return connected.length ? connected : integrations;
}

/** The accounts of the chosen provider, or all. */
export function accountsToChoose(integrations: Integrations, { provider }: ItemFilter): { id: string; name: string }[] {
  return integrations
    .filter(({ slug }) => !provider || slug === provider)
    .flatMap(({ name, connections }) =>
      connections.map(({ id, account }) => ({ id, name: `${name}: ${account.name}` })),
    );
}

/** The kinds of the chosen provider, of the chosen account's, or of all that can be chosen. */
export function kindsToChoose(integrations: Integrations, { provider, connection }: ItemFilter): string[] {
  const concerned =
    integrations.find(({ slug }) => slug === provider) ??
    integrations.find(({ connections }) => connections.some(({ id }) => id === connection));
  return [...new Set((concerned ? [concerned] : providersToChoose(integrations)).flatMap(({ kinds }) => kinds))];
}

export function withProvider(integrations: Integrations, filter: ItemFilter, provider: string | null): ItemFilter {
  const isThere = accountsToChoose(integrations, { provider }).some(({ id }) => id === filter.connection);
  return withKindThatExists(integrations, { ...filter, provider, connection: isThere ? filter.connection : null });
}

export function withAccount(integrations: Integrations, filter: ItemFilter, connection: string | null): ItemFilter {
  return withKindThatExists(integrations, { ...filter, connection });
}

function withKindThatExists(integrations: Integrations, filter: ItemFilter): ItemFilter {
  const exists = filter.kind && kindsToChoose(integrations, filter).includes(filter.kind);
  return { ...filter, kind: exists ? filter.kind : null };
}
