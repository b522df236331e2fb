/** Finds addresses in a text: URLs with a port, and `localhost:8000` without a scheme. */
import { parsePort } from '../../model/port.ts';

export interface Address {
  readonly scheme: string | null;
  readonly host: string;
  readonly port: number;
  /** The range of the port's digits in the text. */
  readonly from: number;
  readonly to: number;
}

/** All repetitions are bounded, since a line may be a megabyte of anything. */
const URL_WITH_PORT =
  /(?<![a-z0-9+.-])([a-z][a-z0-9+.-]{0,30}):\/\/(?:[^\s/@"'`<>,;]{0,256}@)?(\[[^\]\s]{1,64}\]|[^\s/:@"'`<>,;()[\]{}|$]{1,256}):(\d{1,5})(?![\w-])/gi;
const LOCAL_WITH_PORT = /(?<![\w./@:-])(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\]|host\.docker\.internal):(\d{1,5})(?![\w-]|\.\d)/gi;

export function addressesIn(text: string): readonly Address[] {
  const found: Address[] = [];
  for (const match of text.matchAll(URL_WITH_PORT)) {
    const [whole, scheme = '', host = '', digits = ''] = match;
    const port = parsePort(digits);
    const to = match.index + whole.length;
    if (port !== null) found.push({ scheme: scheme.toLowerCase(), host: withoutBrackets(host), port, from: to - digits.length, to });
  }
  const known = new Set(found.map(({ from }) => from));
  for (const match of text.matchAll(LOCAL_WITH_PORT)) {
    const [whole, host = '', digits = ''] = match;
    const port = parsePort(digits);
    const to = match.index + whole.length;
    if (port !== null && !known.has(to - digits.length))
      found.push({ scheme: null, host: withoutBrackets(host), port, from: to - digits.length, to });
  }
  return found.toSorted((a, b) => a.from - b.from);
}

/** A finding quotes this much on each side of its place: a line may be a megabyte. */
const QUOTED_CHARS = 200;

/** The line around an offset, without what is far from it. */
export function lineAround(text: string, offset: number): string {
  const start = Math.max(0, offset - QUOTED_CHARS);
  const before = text.slice(start, offset);
  const after = text.slice(offset, offset + QUOTED_CHARS);
  return before.slice(before.lastIndexOf('\n') + 1) + (after.split('\n', 1)[0] ?? '');
}

/** `NAME=value` without most of a long value. */
export function assignmentText(name: string, value: string): string {
  return `${name}=${value.slice(0, 2 * QUOTED_CHARS)}`;
}

/** A cheap test: a colon before digits, or the word "port". */
export function mayHoldPorts(text: string): boolean {
  return /:\d{2,5}|port/i.test(text);
}

export function isLocal(host: string | null): boolean {
  return host === null || /^(localhost|.+\.localhost|127(\.\d+){3}|0\.0\.0\.0|::1?|host\.docker\.internal|\*|)$/i.test(host);
}

/** The kinds of server that a URL's scheme suggests. */
export function schemeHints(scheme: string | null): readonly string[] {
  const known: Readonly<Record<string, readonly string[]>> = {
    postgres: ['postgres', 'db'],
    postgresql: ['postgres', 'db'],
    mysql: ['mysql', 'mariadb', 'db'],
    mongodb: ['mongo', 'db'],
    redis: ['redis', 'cache'],
    rediss: ['redis', 'cache'],
    amqp: ['rabbitmq', 'queue'],
    kafka: ['kafka'],
  };
  return (scheme !== null && known[scheme.replace(/\+.*$/, '')]) || [];
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}
