/**
 * Patterns that a service's output is to show, line by line. A line may come in pieces, a character too; stdout and stderr
 * are two texts. A pattern is held against the line as it was written and as it is seen, without colours.
 */
import { StringDecoder } from 'node:string_decoder';
import { stripVTControlCharacters } from 'node:util';

/** What is kept of a line that does not end. */
const TAIL_CHARS = 64 * 1024;

interface Pattern {
  readonly expression: RegExp;
  found: boolean;
}

interface Reading {
  readonly decoder: StringDecoder;
  tail: string;
}

export class LogPatterns {
  readonly #patterns = new Map<string, Pattern>();
  readonly #readings = new Map<'stdout' | 'stderr', Reading>();

  constructor(patterns: readonly { readonly source: string; readonly flags: string }[]) {
    for (const { source, flags } of patterns) {
      // `g` and `y` would make each test begin where the one before it ended.
      this.#patterns.set(key(source, flags), { expression: new RegExp(source, flags.replace(/[gy]/g, '')), found: false });
    }
  }

  found(source: string, flags: string): boolean {
    return this.#patterns.get(key(source, flags))?.found ?? false;
  }

  read(stream: 'stdout' | 'stderr', bytes: Uint8Array): void {
    const open = [...this.#patterns.values()].filter((pattern) => !pattern.found);
    if (open.length === 0) return;
    const reading = this.#readings.get(stream) ?? { decoder: new StringDecoder('utf8'), tail: '' };
    this.#readings.set(stream, reading);
    const lines = (reading.tail + reading.decoder.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))).split(/\r?\n/);
    reading.tail = (lines.at(-1) ?? '').slice(-TAIL_CHARS);
    for (const pattern of open) {
      pattern.found = lines.some((line) => pattern.expression.test(line) || pattern.expression.test(stripVTControlCharacters(line)));
    }
  }
}

function key(source: string, flags: string): string {
  return `/${source}/${flags}`;
}
