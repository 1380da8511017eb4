import type { components } from "./schema";

type Schemas = components["schemas"];

export type Connection = Schemas["Connection"];
export type Integration = Schemas["Integration"];
export type IntegrationList = Schemas["IntegrationList"];
export type Item = Schemas["Item"];
export type ItemPage = Schemas["ItemPage"];
export type Profile = Schemas["Profile"];
export type Run = Schemas["Run"];
export type SecurityEvent = Schemas["Event"];
export type SignInMethods = Schemas["SignInMethods"];
export type SignInPurpose = NonNullable<Schemas["StartBody"]["purpose"]>;
/** One place where a person is logged in. */
export type DeviceSession = Schemas["Session"];
export type Token = Schemas["Token"];
export type User = Schemas["User"];
