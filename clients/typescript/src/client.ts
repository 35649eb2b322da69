import createClient, { type ParseAs } from "openapi-fetch";
import { errorOf, parseBody, rejection } from "./errors.js";
import { type EventsOptions, type LiveEvent, liveEvents } from "./events.js";
import { bearer, Session } from "./session.js";
import { memoryStorage, type TokenStorage } from "./storage.js";
import type {
  Args,
  DataOf,
  Envelope,
  InitOf,
  ItemOf,
  Method,
  Page,
  PagedPath,
  RawClient,
  Schema,
  Verb,
} from "./types.js";
import { sendFile, type UploadOptions } from "./upload.js";
import type { paths } from "./schema.js";

export interface HaloLightOptions {
  /** The address of the API, such as `http://localhost:8000`. By default the origin of the page. */
  baseUrl?: string;
  /** Where the tokens are kept; by default in memory. */
  storage?: TokenStorage;
  /** Called when the session has ended: by `signOut`, by the API, or in another tab. */
  onSignedOut?: () => void;
  /** Headers of every request, such as `Accept-Language`. */
  headers?: Record<string, string>;
  /** Used instead of `globalThis.fetch`. */
  fetch?: typeof globalThis.fetch;
}

/** Requests that sign in have no access token, and their 401 has nothing to do with it. */
const SIGN_IN = /\/api\/auth\/(login|refresh)$/;

/** A client of the HaloLight API. */
export class HaloLight {
  readonly GET = this.#method("get");
  readonly POST = this.#method("post");
  readonly PUT = this.#method("put");
  readonly PATCH = this.#method("patch");
  readonly DELETE = this.#method("delete");

  /** The client of openapi-fetch below, for the headers of responses and for middleware. */
  readonly raw: RawClient;

  readonly #baseUrl: string;
  readonly #headers: Record<string, string>;
  readonly #fetch: typeof globalThis.fetch;
  readonly #session: Session;

  constructor(options: HaloLightOptions = {}) {
    const {
      baseUrl = "",
      storage = memoryStorage(),
      headers = {},
      onSignedOut = () => {},
    } = options;
    this.#baseUrl = baseUrl.replace(/(\/api)?\/*$/, "");
    this.#headers = headers;
    this.#fetch = options.fetch ?? ((...request) => globalThis.fetch(...request));
    this.#session = new Session({
      baseUrl: this.#baseUrl,
      fetch: this.#fetch,
      headers,
      storage,
      onSignedOut,
    });
    this.raw = createClient<paths>({
      baseUrl: this.#baseUrl,
      headers,
      fetch: (request) => this.#send(request),
    });
  }

  /** Signs in with the email address or the username. */
  async signIn(email: string, password: string): Promise<Schema<"Me">> {
    const tokens = await this.POST("/api/auth/login", { body: { email, password } });
    await this.#session.start(tokens);
    return tokens.user;
  }

  /** Registers and signs in. Returns `null` if the email address has to be confirmed first. */
  async register(account: Schema<"RegisterInput">): Promise<Schema<"Me"> | null> {
    const tokens = await this.POST("/api/auth/register", { body: account });
    if (tokens.accessToken === null) return null;
    await this.#session.start(tokens as Schema<"Tokens">);
    return tokens.user;
  }

  /**
   * Forgets the tokens at once, then ends the session on the server.
   * If the API cannot be reached it rejects: signed out here, while the session may live on there.
   */
  signOut(): Promise<void> {
    return this.#session.end();
  }

  /** The id of the signed-in user, or `null`. Makes no request: the session may have ended. */
  userId(): Promise<number | null> {
    return this.#session.userId();
  }

  /** The pages of a list, each requested when it is needed. */
  pages<Path extends PagedPath>(
    path: Path,
    ...[init]: Args<InitOf<Path, "get">>
  ): AsyncGenerator<DataOf<Path, "get">, void, undefined> {
    return this.#walk(path, init, {});
  }

  /** The items of a list, of all its pages. Requests 100 at a time, unless `pageSize` is given. */
  async *items<Path extends PagedPath>(
    path: Path,
    ...[init]: Args<InitOf<Path, "get">>
  ): AsyncGenerator<ItemOf<Path>, void, undefined> {
    for await (const page of this.#walk<Page<ItemOf<Path>>>(path, init, { pageSize: 100 })) {
      yield* page.items;
    }
  }

  async *#walk<Result>(
    path: PagedPath,
    init: unknown,
    defaults: PageQuery,
  ): AsyncGenerator<Result, void, undefined> {
    const { params, ...rest } = (init ?? {}) as { params?: { query?: PageQuery } };
    const query = { ...defaults, ...params?.query };
    const get = this.GET as (path: string, init: object) => Promise<Page<unknown>>;
    for (;;) {
      const page = await get(path, { ...rest, params: { ...params, query } });
      yield page as Result;
      if (page.page >= page.totalPages) return;
      query.page = page.page + 1;
    }
  }

  /** Uploads a file. Aborting `signal` rejects with its reason, as with `fetch`. */
  async upload(file: Blob, options: UploadOptions = {}): Promise<Schema<"FileEntry">> {
    const url = `${this.#baseUrl}/api/files/upload`;
    const send = (token: string | undefined) => {
      const headers = { ...this.#headers, ...bearer(token) };
      return sendFile({ ...options, file, url, headers, fetch: this.#fetch });
    };
    const response = await this.#session.send(send).catch(rejection);
    const body = parseBody(response, await response.text().catch(rejection));
    if (!response.ok) throw errorOf(response, body);
    return (body as Envelope<Schema<"FileEntry">>).data;
  }

  /** The content of a file. */
  download(fileId: number, options: { signal?: AbortSignal } = {}): Promise<Blob> {
    const params = { path: { file_id: fileId } };
    return this.GET("/api/files/{file_id}/download", { ...options, params, parseAs: "blob" });
  }

  /** A link to a file for `<img>` and `<a>`, which works for 5 minutes without a token. */
  async downloadUrl(fileId: number): Promise<string> {
    const params = { path: { file_id: fileId } };
    const link = await this.GET("/api/files/{file_id}/download-url", { params });
    return this.#baseUrl + link.url;
  }

  /**
   * What happens to the signed-in user, from now on: notifications, messages, changes. After a lost
   * connection it continues, without missing or repeating an event. It ends with the session.
   */
  events(options: EventsOptions = {}): AsyncGenerator<LiveEvent, void, undefined> {
    const open = (lastEventId: string, signal: AbortSignal) => {
      const headers = { "Last-Event-ID": lastEventId };
      return this.GET("/api/stream", { headers, signal, parseAs: "stream" });
    };
    return liveEvents({ open, userId: () => this.userId() }, options);
  }

  #method<V extends Verb>(verb: V): Method<V> {
    const call = async (path: string, init: CallInit = {}): Promise<unknown> => {
      const { parseAs = "json" } = init;
      const options = parseAs === "json" ? { ...init, parseAs: "text" } : init;
      const { data, error, response } = await (this.raw.request as RawRequest)(
        verb,
        path,
        options,
      ).catch(rejection);
      if (!response.ok) throw errorOf(response, error);
      if (parseAs !== "json") return data;
      const body = parseBody(response, `${data ?? ""}`) as Partial<Envelope<unknown>> | null;
      return body?.success === true ? body.data : body;
    };
    return call as Method<V>;
  }

  /** Sends a request of openapi-fetch. Its body can only be read once, so each attempt has a copy. */
  #send(request: Request): Promise<Response> {
    if (SIGN_IN.test(new URL(request.url).pathname)) return this.#fetch(request);
    return this.#session.send((token) => {
      const copy = request.clone();
      for (const [name, value] of Object.entries(bearer(token))) copy.headers.set(name, value);
      return this.#fetch(copy);
    });
  }
}

interface PageQuery {
  page?: number;
  pageSize?: number;
}

interface CallInit {
  parseAs?: ParseAs;
}

type RawRequest = (
  verb: Verb,
  path: string,
  init: object,
) => Promise<{ data?: unknown; error?: unknown; response: Response }>;
