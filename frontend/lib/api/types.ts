import type { components } from "./schema";

type Schemas = components["schemas"];

export type Connection = Schemas["Connection"];
export type Integration = Schemas["Integration"];
export type IntegrationList = Schemas["IntegrationList"];
export type Item = Schemas["Item"];
export type ItemPage = Schemas["ItemPage"];
export type Run = Schemas["Run"];
export type Token = Schemas["Token"];
export type User = Schemas["User"];
