import type { Schema } from "./types.js";

export interface ApiErrorInit {
  status: number;
  code: string;
  message: string;
  details?: Schema<"ErrorDetail">[];
  requestId?: string | null;
  retryAfter?: number | null;
  cause?: unknown;
}

/** A failed call. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** The HTTP status, or 0 if there was no response. */
  readonly status: number;
  /** A code of the API, or `NETWORK_ERROR` (no response) or `INVALID_RESPONSE` (not from the API). */
  readonly code: string;
  /** The invalid fields, if the code is `VALIDATION_ERROR` or `CONFLICT`. */
  readonly details: Schema<"ErrorDetail">[];
  /** The id under which the API logs the request. */
  readonly requestId: string | null;
  /** Seconds to wait before trying again, with status 429 and 503. */
  readonly retryAfter: number | null;

  constructor(init: ApiErrorInit) {
    super(init.message, { cause: init.cause });
    this.status = init.status;
    this.code = init.code;
    this.details = init.details ?? [];
    this.requestId = init.requestId ?? null;
    this.retryAfter = init.retryAfter ?? null;
  }
}

/** The parsed body, or its text if an error is no JSON. */
export function parseBody(response: Response, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (response.ok) throw invalidResponse(response, cause);
    return text;
  }
}

/** The error of a response whose body was read already: parsed, or as text if it is no JSON. */
export function errorOf(response: Response, body: unknown): ApiError {
  const { status, headers } = response;
  const requestId = headers.get("X-Request-ID");
  const seconds = Number(headers.get("Retry-After") ?? NaN);
  const retryAfter = Number.isNaN(seconds) ? null : seconds;
  if (!isErrorEnvelope(body)) return invalidResponse(response);
  return new ApiError({ ...body.error, status, requestId, retryAfter });
}

/** The response of something else: a proxy, or a server of files at a wrong `baseUrl`. */
function invalidResponse(response: Response, cause?: unknown): ApiError {
  const { status, headers, url } = response;
  const message = `${url || "The server"} responded with status ${status}, but not as the HaloLight API does`;
  const requestId = headers.get("X-Request-ID");
  return new ApiError({ status, code: "INVALID_RESPONSE", message, requestId, cause });
}

/** What fetch rejects with if there is no response is a TypeError. Everything else stays as it is. */
export function rejection(cause: unknown): never {
  throw cause instanceof TypeError ? networkError(cause) : cause;
}

export function networkError(cause: unknown): ApiError {
  return new ApiError({
    status: 0,
    code: "NETWORK_ERROR",
    message: "The API cannot be reached",
    cause,
  });
}

function isErrorEnvelope(body: unknown): body is Schema<"ErrorEnvelope"> {
  const error = (body as Partial<Schema<"ErrorEnvelope">> | null | undefined)?.error;
  return typeof error?.code === "string" && typeof error.message === "string";
}
