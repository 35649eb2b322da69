import { errorOf, networkError, parseBody } from "./errors.js";
import type { StoredTokens, TokenStorage } from "./storage.js";
import type { Envelope, Schema } from "./types.js";

/** Milliseconds. Two attempts end within the 10 seconds in which the API repeats its response. */
const TIMEOUT = 4000;
const JSON_TYPE = { "Content-Type": "application/json" };

/** The renewals under way. Clients that share a storage share its renewal. */
const renewals = new WeakMap<TokenStorage, Promise<StoredTokens | null>>();

/** Sends a request with this access token, or without one. It may have to send it twice. */
export type Attempt = (accessToken: string | undefined) => Promise<Response>;

interface Answer {
  response: Response;
  body: unknown;
}

export interface SessionOptions {
  baseUrl: string;
  fetch: typeof globalThis.fetch;
  headers: Record<string, string>;
  storage: TokenStorage;
  onSignedOut: () => void;
}

/** The sign-in of a client: it adds the access token to requests and renews it. */
export class Session {
  readonly #options: SessionOptions;
  readonly #storage: TokenStorage;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#storage = options.storage;
    this.#storage.onCleared?.(options.onSignedOut);
  }

  /** The id of the signed-in user. */
  async userId(): Promise<number | null> {
    return (await this.#storage.get())?.userId ?? null;
  }

  /** Sends a request, and once more with renewed tokens if the API rejects the access token. */
  async send(attempt: Attempt): Promise<Response> {
    let tokens = await this.#storage.get();
    if (tokens && tokens.renewAt <= Date.now()) tokens = await this.#renew(tokens);
    const response = await attempt(tokens?.accessToken);
    if (response.status !== 401 || !tokens) return response;
    const renewed = await this.#renew(tokens);
    return renewed ? attempt(renewed.accessToken) : response;
  }

  async start(tokens: Schema<"Tokens">): Promise<void> {
    await this.#storage.set(toStore(tokens));
  }

  /** Signs out here at once, then ends the session on the server. */
  async end(): Promise<void> {
    const tokens = await this.#storage.get();
    if (!tokens) return;
    await this.#storage.set(null);
    this.#options.onSignedOut();
    const logout = (token: string) => this.#post("/api/auth/logout", {}, token);
    let { response, body } = await logout(tokens.accessToken);
    if (response.status === 401) {
      const renewed = await this.#exchange(tokens.refreshToken);
      if (!renewed) return; // it had ended before
      ({ response, body } = await logout(renewed.accessToken));
    }
    if (!response.ok && response.status !== 401) throw errorOf(response, body);
  }

  /**
   * The tokens after `rejected`: renewed here, or by another client or tab.
   * `null` if the session has ended, or if somebody else has signed in: a request of one user
   * is never repeated in the name of another.
   */
  async #renew(rejected: StoredTokens): Promise<StoredTokens | null> {
    let renewal = renewals.get(this.#storage);
    if (!renewal) {
      const renew = () => this.#renewAlone(rejected);
      renewal = (this.#storage.lock?.(renew) ?? renew()).finally(() =>
        renewals.delete(this.#storage),
      );
      renewals.set(this.#storage, renewal);
    }
    const renewed = await renewal;
    return renewed?.userId === rejected.userId ? renewed : null;
  }

  async #renewAlone(rejected: StoredTokens): Promise<StoredTokens | null> {
    const before = await this.#storage.get();
    if (before?.accessToken !== rejected.accessToken) return before;
    const renewed = await this.#exchange(before.refreshToken);
    const now = await this.#storage.get();
    if (now?.refreshToken !== before.refreshToken) return now; // signed out or in meanwhile
    await this.#storage.set(renewed);
    if (!renewed) this.#options.onSignedOut();
    return renewed;
  }

  /** The next tokens, or `null` if the session has ended. */
  async #exchange(refreshToken: string): Promise<StoredTokens | null> {
    const exchange = () => this.#post("/api/auth/refresh", { refreshToken });
    // A response that is lost on its way can be asked for again: it has the same tokens.
    const { response, body } = await exchange().catch(exchange);
    if (response.ok) return toStore((body as Envelope<Schema<"Tokens">>).data);
    const error = errorOf(response, body);
    if (error.code === "UNAUTHORIZED" || error.code === "VALIDATION_ERROR") return null;
    throw error;
  }

  async #post(path: string, data: object, accessToken?: string): Promise<Answer> {
    const { baseUrl, fetch, headers } = this.#options;
    const request = {
      method: "POST",
      headers: { ...headers, ...JSON_TYPE, ...bearer(accessToken) },
      body: JSON.stringify(data),
      signal: AbortSignal.timeout(TIMEOUT),
    };
    let response: Response;
    let text: string;
    try {
      response = await fetch(baseUrl + path, request);
      text = await response.text();
    } catch (cause) {
      throw networkError(cause);
    }
    return { response, body: parseBody(response, text) };
  }
}

export function bearer(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { Authorization: `Bearer ${token}` };
}

function toStore({ accessToken, refreshToken, expiresIn, user }: Schema<"Tokens">): StoredTokens {
  // Before they expire, so that no upload is sent twice.
  return { accessToken, refreshToken, renewAt: Date.now() + expiresIn * 900, userId: user.id };
}
