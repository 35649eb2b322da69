/** The tokens of a session, as they are stored. */
export interface StoredTokens {
  accessToken: string;
  refreshToken: string;
  /** When to renew them, in milliseconds since 1970, by the clock of this machine. */
  renewAt: number;
  userId: number;
}

/** Where the tokens are kept. Reading and writing may be asynchronous. */
export interface TokenStorage {
  get(): StoredTokens | null | Promise<StoredTokens | null>;
  set(tokens: StoredTokens | null): void | Promise<void>;
  /** Runs `work` while nobody else who shares these tokens does. Needed if several tabs share them. */
  lock?<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Calls `listener` when another tab has signed out. */
  onCleared?(listener: () => void): void;
}

/** Keeps the tokens until the page is reloaded. Scripts of others on the page cannot read them. */
export function memoryStorage(): TokenStorage {
  let stored: StoredTokens | null = null;
  return {
    get: () => stored,
    set: (tokens) => void (stored = tokens),
  };
}

/** Keeps the tokens in `localStorage`: they survive a reload, and all tabs share them. */
export function browserStorage(key = "halolight", area: Storage = localStorage): TokenStorage {
  return {
    get: () => parse(area.getItem(key)),
    set: (tokens) => (tokens ? area.setItem(key, JSON.stringify(tokens)) : area.removeItem(key)),
    async lock(work) {
      // There are no Web Locks on pages without TLS, except on localhost.
      const locks = globalThis.navigator?.locks as LockManager | undefined;
      const name = `${key}-renewal`;
      return locks ? await locks.request(name, work) : withLease(area, name, work);
    },
    onCleared(listener) {
      globalThis.addEventListener?.("storage", (event) => {
        const concerned = event.storageArea === area && (event.key === key || event.key === null);
        if (concerned && area.getItem(key) === null) listener();
      });
    },
  };
}

function parse(text: string | null): StoredTokens | null {
  try {
    const tokens = JSON.parse(text ?? "null") as Partial<StoredTokens> | null;
    const valid =
      typeof tokens?.accessToken === "string" &&
      typeof tokens.refreshToken === "string" &&
      typeof tokens.renewAt === "number" &&
      typeof tokens.userId === "number";
    return valid ? (tokens as StoredTokens) : null;
  } catch {
    return null;
  }
}

// The API returns the same tokens again for 10 seconds: whoever takes over a lease stays within them.
const LEASE = 8000;
const PAUSE = 40;

/** A lock in a storage that several tabs share: who wrote last and still reads it back has it. */
async function withLease<Result>(
  area: Storage,
  key: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const mine = `${Math.random()}`;
  const holds = () => area.getItem(key)?.startsWith(`${mine} `) ?? false;
  do {
    const [, until] = area.getItem(key)?.split(" ") ?? [];
    const left = Number(until) - Date.now();
    // More than LEASE is left if the clock was set back.
    if (!(left > 0 && left <= LEASE)) area.setItem(key, `${mine} ${Date.now() + LEASE}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  } while (!holds());
  try {
    return await work();
  } finally {
    if (holds()) area.removeItem(key);
  }
}
