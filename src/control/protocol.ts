/**
 * How events look on the control socket: the types of the model as JSON, but for two things. Output is `text` instead of
 * bytes: decoded per service and stream, so that a character split over two chunks arrives whole (with the second), and
 * bytes that are no UTF-8 as U+FFFD. And a `gap` carries a snapshot, which says where things stand.
 */
import type { Event, GapEvent, OutputEvent } from '../model/event.ts';
import type { Failure } from '../model/failure.ts';
import type { Snapshot } from '../model/session.ts';

export const VERSION_HEADER = 'x-devup-version';

export const SESSION_PATH = '/v1/session';
/** For `SnapshotOptions.brief`. A session of a version that does not know it tells all. */
export const BRIEF_PATH = `${SESSION_PATH}?holders=brief`;

export type WireOutput = Omit<OutputEvent, 'bytes'> & { readonly text: string };
/** The snapshot is null when none could be taken. State events up to its `seq` tell nothing that it does not. */
export type WireGap = GapEvent & { readonly snapshot: Snapshot | null };
export type WireEvent = Exclude<Event, OutputEvent | GapEvent> | WireOutput | WireGap;

/** What a route answers when it cannot do as it was told; `error` is for people, `failure` holds the facts. */
export interface WireError {
  readonly schemaVersion: 1;
  readonly error: { readonly code: string; readonly message: string; readonly why: string | null; readonly fix: string | null };
  readonly failure: Failure;
}

/** One per reader: it remembers what is left of a character. */
export class OutputDecoder {
  readonly #left = new Map<string, Uint8Array>();

  /** `offset` and `text` belong together: bytes held back from the chunk before are counted with this one. */
  decode({ bytes, ...event }: OutputEvent): WireOutput {
    const key = `${event.stream} ${event.service}`;
    const before = this.#left.get(key);
    const all = before ? Buffer.concat([before, bytes]) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const complete = all.length - incompleteTail(all);
    if (complete < all.length) this.#left.set(key, Uint8Array.from(all.subarray(complete)));
    else this.#left.delete(key);
    return { ...event, offset: event.offset - (before?.length ?? 0), text: all.toString('utf8', 0, complete) };
  }

  /** Output is missing from here on: what is left belongs to nothing. */
  forget(): void {
    this.#left.clear();
  }
}

/** How many bytes at the end begin a character that is not over. A first byte never belongs to the character before it, so it may be cut there. */
function incompleteTail(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number;
    if ((byte & 0xc0) === 0x80) continue;
    const wanted = byte >= 0xf0 && byte <= 0xf4 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 1;
    return byte <= 0xf4 && back < wanted ? back : 0;
  }
  return 0;
}

const EVENT_TYPES: { readonly [T in Event['type']]: true } = { state: true, output: true, port: true, notice: true, done: true, gap: true };

/** Null for anything that is no event. What is inside is trusted: both ends are of one version. */
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
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return null;
  }
}

/** The id of an event on the socket: `<session key>:<seq>`. Null for a text that is none; `key` is null for a bare number. */
export function parseEventId(text: string): { readonly key: string | null; readonly seq: number } | null {
  const match = /^(?:([^:]{1,64}):)?(\d{1,15})$/.exec(text);
  return match ? { key: match[1] ?? null, seq: Number(match[2]) } : null;
}

export function formatEventId(key: string, seq: number): string {
  return `${key}:${seq}`;
}
