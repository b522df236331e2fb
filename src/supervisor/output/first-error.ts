/**
 * Finds the first line of a run that reads like an error, in any language: the last line of a Python traceback, Node's `Error: …`, a panic,
 * `error: …`, a level such as ERROR, an errno. The cause of a failure often stands above the last lines of the output. The line is shown as
 * it is, since it need not be the cause.
 */
import { StringDecoder } from 'node:string_decoder';
import { plainText } from '../../logs/escapes.ts';
import type { OutputStream } from '../../model/event.ts';

/** Longer lines are judged, and shown, by their beginning. */
const LINE_CHARS = 400;

const ERRORS: readonly RegExp[] = [
  // A class: `TypeError: …`, `java.lang.IllegalStateException`, `(RuntimeError)`, `Error [ERR_X]: …`.
  /(?:^|[\s([.:])(?:[A-Z][\w$]*)?(?:Error|Exception)(?:\s*[:[)]|$)/,
  // A level: `ERROR in ./a.js`, `[emerg]`, `level=error`, pino's `"level":50`.
  /(?:^|[\s[(|:])(?:ERROR|FATAL|CRITICAL|SEVERE|EMERG|PANIC)(?:$|[\s\])|:])/,
  /\[(?:error|fatal|crit|critical|alert|emerg)\]/i,
  /\blevel["']?\s?[=:]\s?["']?(?:error|fatal|critical|panic|50|60)\b/i,
  // A label: `error: …`, `error[E0425]: …`, `error TS2304: …`, `fatal error: …`, `error when starting dev server:`.
  /(?:^|[\s:\])])(?:fatal |uncaught )?error(?: [A-Z]+\d+)?(?:\[\w{1,20}\])?\s?:/i,
  /(?:^|[\s:])fatal\s?:/i,
  /^(?:error|failed|fatal)\b.*:$/i,
  /\bnpm (?:ERR!|error)\s/,
  /\bpanic(?:: |ked at )/,
  /\bE(?:ADDRINUSE|ADDRNOTAVAIL|ACCES|PERM|CONNREFUSED|CONNRESET|NOENT|NOTFOUND|AI_AGAIN|MFILE|NOSPC|TIMEDOUT|PIPE|ROFS|HOSTUNREACH)\b/,
  /\b(?:address already in use|command not found|no such file or directory|permission denied|connection refused|cannot find module|segmentation fault|core dumped|out of memory)\b/i,
  /: not found$/,
  // A compiler of Elixir or Go (line and column), a bundler, Ruby's Bundler.
  /^\*\* \(/,
  /(?:^|\s)[\w./-]+\.go:\d+:\d+: /,
  /^(?:(?:failed to|could not|cannot) (?:compile|build|start)|could not find gem)\b/i,
];
/** A lower level before the error: `WARN retrying after ECONNREFUSED`. */
const LOWER_LEVEL =
  /(?:^|[\s[(|:])(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING)(?=$|[\s\])|:])|\[(?:debug|info|notice|warn|warning)\]|\bnpm warn\b|(?:^|\s)(?:info|warn|warning|debug)\s?:|\blevel["']?\s?[=:]\s?["']?(?:debug|info|warn|10|20|30|40)\b/i;
const NO_ERROR = /\berror["']?\s?[=:]\s?["']?(?:null|none|nil|false|undefined|0)\b|\blog[ _-]?level\b/i;
const TRACEBACK = /^\s*Traceback \(most recent call last\):$/;
/** A cheap test that most output fails. Only output that passes is split into lines. */
const SUSPECT =
  /err|exception|fatal|critical|severe|emerg|crit\]|alert\]|panic|traceback|level|failed|already in use|not found|no such|denied|refused|cannot find|segmentation|dumped|out of memory|eaddr|eacces|eperm|econn|enoent|eai_|emfile|enospc|etimedout|epipe|erofs|ehost|\*\* \(|\.go:\d|could not|cannot /i;

export function readsLikeError(line: string): boolean {
  if (NO_ERROR.test(line)) return false;
  const at = Math.min(...ERRORS.map((pattern) => pattern.exec(line)?.index ?? Number.POSITIVE_INFINITY));
  return at !== Number.POSITIVE_INFINITY && !((LOWER_LEVEL.exec(line)?.index ?? Number.POSITIVE_INFINITY) < at);
}

/** How the next line of the stream may complete an error that was found. */
type Next =
  | 'nothing'
  /** The error is the first line that is not indented. */
  | 'end of traceback'
  /** The error ends in a colon, or is perhaps the headline of a traceback. */
  | 'perhaps more';

interface StreamText {
  readonly decoder: StringDecoder;
  tail: string;
}

export class FirstError {
  readonly #texts = new Map<OutputStream, StreamText>();
  #found: string | null = null;
  #stream: OutputStream | null = null;
  #next: Next = 'nothing';

  /** Null: no line so far reads like an error. */
  get line(): string | null {
    return this.#found;
  }

  get isComplete(): boolean {
    return this.#stream !== null && this.#next === 'nothing';
  }

  read(stream: OutputStream, bytes: Uint8Array): void {
    if (this.isComplete || (this.#stream !== null && this.#stream !== stream)) return;
    const text = this.#texts.get(stream) ?? { decoder: new StringDecoder('utf8'), tail: '' };
    this.#texts.set(stream, text);
    const read = text.tail + text.decoder.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    const end = read.lastIndexOf('\n') + 1;
    text.tail = read.slice(end, end + LINE_CHARS);
    if (end === 0 || (this.#stream === null && !SUSPECT.test(read))) return;
    for (const line of read.slice(0, end).split('\n')) {
      this.#take(stream, plainText(line.slice(0, LINE_CHARS).replace(/\r+$/, '')).trimEnd());
      if (this.isComplete) return;
    }
  }

  /** Judges the line that ends the output without a line end. */
  end(): void {
    for (const [stream, { tail }] of this.#texts) {
      if (!this.isComplete && tail !== '' && (this.#stream ?? stream) === stream) this.#take(stream, plainText(tail).trimEnd());
    }
  }

  #take(stream: OutputStream, line: string): void {
    if (line.trim() === '') return;
    if (TRACEBACK.test(line)) {
      this.#stream = stream;
      this.#found ??= line.trim();
      this.#next = 'end of traceback';
    } else if (this.#next === 'end of traceback') {
      if (/^\s/.test(line)) return;
      this.#found = line;
      this.#next = 'nothing';
    } else if (this.#next === 'perhaps more') {
      if (this.#found?.endsWith(':')) this.#found = `${this.#found} ${line.trim()}`.slice(0, LINE_CHARS);
      this.#next = 'nothing';
    } else if (readsLikeError(line)) {
      this.#stream = stream;
      this.#found = line.trim();
      this.#next = 'perhaps more';
    }
  }
}
