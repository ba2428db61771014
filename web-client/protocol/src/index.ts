// The wire of a Holdfast world: what a client and a server say to each other, in bytes and as values.

export * from "./error.ts";
export * from "./generated/codes.ts";
export * from "./generated/village.ts";
export * from "./generated/wire.ts";
