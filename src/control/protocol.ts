/**
 * Events on the control socket: the model's types as JSON, with two exceptions. Output has `text` instead of bytes, decoded per service
 * and stream. A character split over two chunks arrives whole with the second, and invalid UTF-8 becomes U+FFFD. A `gap` carries a
 * snapshot of the current state.
 */
import type { Event, GapEvent, OutputEvent } from '../model/event.ts';
import type { Failure } from '../model/failure.ts';
import { readJson } from '../model/json.ts';
import type { Snapshot } from '../model/session.ts';

export const VERSION_HEADER = 'x-devup-version';

export const SESSION_PATH = '/v1/session';
/** The path for `SnapshotOptions.brief`. Sessions of versions without it answer in full. */
export const BRIEF_PATH = `${SESSION_PATH}?holders=brief`;

export type WireOutput = Omit<OutputEvent, 'bytes'> & { readonly text: string };
/** The snapshot is null if none could be taken. It includes all state events up to its `seq`. */
export type WireGap = GapEvent & { readonly snapshot: Snapshot | null };
export type WireEvent = Exclude<Event, OutputEvent | GapEvent> | WireOutput | WireGap;

/** The body of a route's error: `error` is for people, `failure` holds the facts. */
export interface WireError {
  readonly schemaVersion: 1;
  readonly error: { readonly code: string; readonly message: string; readonly why: string | null; readonly fix: string | null };
  readonly failure: Failure;
}

/** Decodes the output for one reader, and remembers incomplete characters. */
export class OutputDecoder {
  readonly #left = new Map<string, Uint8Array>();

  /** `offset` matches `text`: it counts from the first byte that was held back from the previous chunk. */
  decode({ bytes, ...event }: OutputEvent): WireOutput {
    const key = `${event.stream} ${event.service}`;
    const before = this.#left.get(key);
    const all = before ? Buffer.concat([before, bytes]) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const complete = all.length - incompleteTail(all);
    if (complete < all.length) this.#left.set(key, Uint8Array.from(all.subarray(complete)));
    else this.#left.delete(key);
    return { ...event, offset: event.offset - (before?.length ?? 0), text: all.toString('utf8', 0, complete) };
  }

  /** Output is missing from here on, so incomplete characters are discarded. */
  forget(): void {
    this.#left.clear();
  }
}

/**
 * The number of bytes at the end that begin an incomplete character. Text may be cut before a first byte, since it never continues a
 * character.
 */
function incompleteTail(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number;
    if ((byte & 0xc0) === 0x80) continue;
    const wanted = byte >= 0xf0 && byte <= 0xf4 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 1;
    return byte <= 0xf4 && back < wanted ? back : 0;
  }
  return 0;
}

export const EVENT_TYPES: { readonly [T in Event['type']]: true } = {
  state: true,
  output: true,
  port: true,
  notice: true,
  done: true,
  gap: true,
};

/** Null for anything but an event. Fields are not checked, since both ends have the same version. */
export function parseEvent(json: string): Event | null {
  const value = parseObject(json);
  if (typeof value?.['type'] !== 'string' || !Object.hasOwn(EVENT_TYPES, value['type']) || typeof value['seq'] !== 'number') return null;
  const event = value as unknown as WireEvent;
  if (event.type === 'output') {
    if (typeof event.text !== 'string') return null;
    const { text, ...rest } = event;
    return { ...rest, bytes: Buffer.from(text) };
  }
  if (event.type !== 'gap') return event;
  const { snapshot: _, ...gap } = event;
  return gap;
}

/** Null for anything that is not a JSON object. */
export function parseObject(json: string): Record<string, unknown> | null {
  const value = readJson(json);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
}

/** Parses an event's id on the socket, `<session key>:<seq>`. Null for other text; `key` is null for a bare number. */
export function parseEventId(text: string): { readonly key: string | null; readonly seq: number } | null {
  const match = /^(?:([^:]{1,64}):)?(\d{1,15})$/.exec(text);
  return match ? { key: match[1] ?? null, seq: Number(match[2]) } : null;
}

export function formatEventId(key: string, seq: number): string {
  return `${key}:${seq}`;
}
