export { HaloLight, type HaloLightOptions } from "./client.js";
export { ApiError } from "./errors.js";
export type { EventsOptions, LiveEvent } from "./events.js";
export type { components, paths } from "./schema.js";
export { browserStorage, memoryStorage, type StoredTokens, type TokenStorage } from "./storage.js";
export type { Envelope, Page, Schema } from "./types.js";
export type { Progress, UploadOptions } from "./upload.js";
