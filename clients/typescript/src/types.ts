import type {
  Client,
  ClientPathsWithMethod,
  MaybeOptionalInit,
  MethodResponse,
} from "openapi-fetch";
import type { components, paths } from "./schema.js";

/** An object of the API by its name in the OpenAPI document: `Schema<"User">`. */
export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

/** What every JSON response of a success contains. */
export interface Envelope<Data> {
  success: boolean;
  data: Data;
  message: string;
}

/** A page of a list. Pages count from 1. */
export interface Page<Item> {
  items: Item[];
  total: number;
  page: number;
  pageSize: number;
  totalPages: number;
  /** Only sent as `false`: there are at least `total` rows. */
  totalIsExact?: boolean;
}

/** The client of openapi-fetch, whose methods return `{ data, error, response }`. */
export type RawClient = Client<paths>;

export type Verb = "get" | "post" | "put" | "patch" | "delete";
export type PathOf<V extends Verb> = ClientPathsWithMethod<RawClient, V>;

/** The options of a call; they may be left out if none of them is required. */
export type InitOf<Path extends keyof paths, V extends Verb> = MaybeOptionalInit<paths[Path], V>;
export type Args<Init> = undefined extends Init ? [init?: Init] : [init: Init];

/** `data` of the envelope. Health checks and downloads have none and stay as they are. */
export type DataOf<Path extends PathOf<V>, V extends Verb, Init = unknown> =
  MethodResponse<RawClient, V, Path, Init> extends infer Body
    ? Body extends Envelope<infer Data>
      ? Data
      : Body
    : never;

/** Calls an endpoint and returns `data` of its response. Rejects with an `ApiError`. */
export type Method<V extends Verb> = <Path extends PathOf<V>, Init extends InitOf<Path, V>>(
  path: Path,
  ...init: Args<Init>
) => Promise<DataOf<Path, V, Init>>;

/** The lists that come in pages. */
export type PagedPath = {
  [Path in PathOf<"get">]: DataOf<Path, "get"> extends Page<unknown> ? Path : never;
}[PathOf<"get">];

export type ItemOf<Path extends PagedPath> =
  DataOf<Path, "get"> extends Page<infer Item> ? Item : never;
