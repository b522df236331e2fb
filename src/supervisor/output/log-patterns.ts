/**
 * Searches a service's output for patterns, line by line. A chunk may end within a line or a character; stdout and stderr
 * are separate texts. A pattern may match a line with or without its colour codes.
 */
import { StringDecoder } from 'node:string_decoder';
import { stripVTControlCharacters } from 'node:util';

/** An unfinished line is kept up to this length, from its end. */
const TAIL_CHARS = 64 * 1024;

interface Pattern {
  readonly expression: RegExp;
  found: boolean;
}

interface StreamText {
  readonly decoder: StringDecoder;
  tail: string;
}

export class LogPatterns {
  readonly #patterns = new Map<string, Pattern>();
  readonly #readings = new Map<'stdout' | 'stderr', StreamText>();

  constructor(patterns: readonly { readonly source: string; readonly flags: string }[]) {
    for (const { source, flags } of patterns) {
      // With `g` or `y`, each test would begin where the last match ended.
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
