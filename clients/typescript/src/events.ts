import { ApiError, networkError } from "./errors.js";
import type { Schema } from "./types.js";

/** Milliseconds without a byte, after which a connection is lost. The API sends one every 15 seconds. */
const SILENCE = 45_000;
/** Milliseconds before reconnecting, until the API has said how many, and at most. */
const RETRY = 3000;
const MAX_RETRY = 60_000;

type Events = Required<Omit<Schema<"StreamEvents">, "sessionEnded" | "reconnect">> & {
  "session-ended": Schema<"SessionEnd">;
};

/** A live event: `type` is its name, and decides what `data` is. */
export type LiveEvent = {
  [Type in keyof Events]: { type: Type; id: string; data: Events[Type] };
}[keyof Events];

export interface EventsOptions {
  /** Ends the loop. */
  signal?: AbortSignal;
  /** The `id` of an event, to continue after it. By default the events begin now. */
  lastEventId?: string;
}

export interface Source {
  open(lastEventId: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
  userId(): Promise<number | null>;
}

/** The events of the user who is signed in now, over one connection after the other. */
export async function* liveEvents(
  source: Source,
  { signal, lastEventId = "" }: EventsOptions,
): AsyncGenerator<LiveEvent, void, undefined> {
  const user = await source.userId();
  const goesOn = async () => (await source.userId()) === user && !signal?.aborted;
  let retry = RETRY;
  let failures = 0;
  while (await goesOn()) {
    const connection = new AbortController();
    const close = () => connection.abort();
    signal?.addEventListener("abort", close, { signal: connection.signal });
    let delay: number;
    try {
      const body = await inTime(source.open(lastEventId, connection.signal), close);
      failures = 0;
      let type: string | undefined;
      for await (const message of messages(body, close)) {
        if (message.retry) retry = Number(message.retry);
        if (message.id) lastEventId = message.id;
        type = message.event ?? type;
        if (!message.event || type === "reconnect") continue;
        if (!(await goesOn())) return;
        yield { type, id: lastEventId, data: JSON.parse(message.data ?? "") } as LiveEvent;
      }
      // Without a session, the next attempt is rejected, and the client signs out as with any call.
      delay = type === "session-ended" ? 0 : retry;
    } catch (error) {
      if (!(await goesOn())) return;
      const wait = retryAfter(connection.signal.aborted ? networkError(error) : error);
      delay = Math.max(wait, Math.min(retry * 2 ** failures++, MAX_RETRY));
    } finally {
      close();
    }
    await pause(delay, signal);
  }
}

/** The fields of each message, without those that are only comments. */
async function* messages(
  body: ReadableStream<Uint8Array>,
  close: () => void,
): AsyncGenerator<Partial<Record<string, string>>, void, undefined> {
  const reader = body.getReader(); // Safari cannot iterate a stream
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { done, value } = await inTime(reader.read(), close).catch((cause) => {
      throw networkError(cause);
    });
    if (done) return;
    const blocks = (rest + decoder.decode(value, { stream: true })).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) yield fieldsOf(block);
  }
}

/** `name: value` in each line. Other characters that break lines, like U+2028, are part of a value. */
function fieldsOf(block: string): Partial<Record<string, string>> {
  const lines = block.split("\n").map((line) => line.split(/: (.*)/s, 2));
  return Object.fromEntries(lines as [string, string][]) as Record<string, string>;
}

/** Closes the connection if the work takes too long, which makes it fail. */
async function inTime<Result>(work: Promise<Result>, close: () => void): Promise<Result> {
  const timer = setTimeout(close, SILENCE);
  return work.finally(() => clearTimeout(timer));
}

/** Milliseconds. Throws errors that are not temporary. */
function retryAfter(error: unknown): number {
  if (!(error instanceof ApiError)) throw error;
  const { status, retryAfter } = error;
  if (status !== 0 && status !== 429 && status < 500) throw error;
  return (retryAfter ?? 0) * 1000;
}

/** Waits, unless the signal is aborted. */
async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return;
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal?.addEventListener("abort", end);
  });
}
