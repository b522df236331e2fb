/**
 * Masks secrets in text. Command lines, config values and answers to checks appear in errors and in `status`, and people paste those
 * into bug reports. Masked are the password in a URL, what follows a secret's name (`API_TOKEN=…`, `"password": "…"`, `--token …`),
 * and, wherever it appears, every value of such a variable in the caller's environment, in an `envFile` or in the config. Logs are not
 * masked: they are the bytes that a service wrote.
 */

import { commandWords } from './command-words.ts';
import { maskArguments } from './secret-arguments.ts';
import { isSecretArgument, isSecretName, isSecretParameter, MASK } from './secret-name.ts';
import type { Stack } from './service.ts';

/** Shorter values occur in too much text by chance. */
const SHORTEST_SECRET = 8;

/** `https://TOKEN@`, and `https://TOKEN:x-oauth-basic@`: the user is the secret. */
const URL_LOGIN = /(\b(?:https?|wss?|git\+https?):\/\/)([^\s/:@'"?#]+)(?=(?::(?:x-oauth-basic|x)?)?@)/gi;
const URL_PASSWORD = /(\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@'"]*:)([^\s/'"]+)(?=@)/gi;
/** `user:password@tcp(localhost:3306)`, as Go's drivers read it. */
const DRIVER_PASSWORD = /(?<![\w.-])([\w.-]+:)([^\s@:'"]+)(?=@(?:tcp|unix|udp)\()/g;
const BEARER = /(\bBearer\s{1,4})((?=[\w.~+/-]*\d|[\w.~+/-]{16})[\w.~+/=-]{6,})/gi;
const PARAMETER = /([?&])([\w.-]+)=([^&#\s"'`]+)/g;
const QUOTED = `"(?:[^"\\\\]|\\\\.)*"?|'[^']*'?`;

/** A head with a name, and the value that follows it. The value is read only behind a secret's name, so no text is read twice. */
interface Form {
  readonly head: RegExp;
  readonly value: RegExp;
  readonly isSecret: (name: string, value: string) => boolean;
}

const FORMS: readonly Form[] = [
  // "password": "…"
  { head: /(["'])([\w.-]+)\1\s{0,9}:\s{0,9}(?=["'])/g, value: new RegExp(QUOTED, 'y'), isSecret: isSecretArgument },
  // API_TOKEN=…, --token=…, -DdbPassword=…
  { head: /()(?<![\w.?&-])(-{0,2}[A-Za-z_][\w.-]*)=/g, value: new RegExp(`${QUOTED}|[^\\s"',;]+`, 'y'), isSecret: isSecretArgument },
  // --token …
  { head: /()(?<![\w-])(--?[A-Za-z][\w.-]*) {1,9}(?=[^\s-])/g, value: new RegExp(`${QUOTED}|\\S+`, 'y'), isSecret: isSecretArgument },
  // X-Api-Key: …, Authorization: Bearer …
  {
    head: /()(?<![\w.$/-])((?:proxy-)?authorization|(?:set-)?cookie)["']?:\s{0,4}["']?(?:(?:bearer|basic|token|digest|apikey|bot|aws4-hmac-sha256) {1,4})?/gi,
    value: /[^"'\r\n]+/y,
    isSecret: () => true,
  },
  {
    head: /()(?<![\w.$/-])([a-z][a-z\d]*(?:-[a-z\d]+)*)["']?:(?! )/gi,
    value: /[^\s"',;{}/]+/y,
    isSecret: (name, value) => name.includes('-') && isSecretName(name) && !/^(?:\d{1,5}$|latest$|\/)/.test(value),
  },
  // apiKey: …
  {
    head: /()(?<![\w.$/-])([A-Za-z_][\w.-]*)["']?: {1,4}/g,
    value: new RegExp(`${QUOTED}|[^\\s"',;{}]+(?=\\s*(?:$|[\\r\\n,;"'}]))`, 'y'),
    isSecret: (name, value) => !/^key$/i.test(name) && isSecretArgument(name, value),
  },
];

/** `values`: the known secrets, longest first (see `Secrets`). */
export function maskSecrets(text: string, values: Iterable<string> = []): string {
  return maskForms(maskWords(maskValues(text, values), 0));
}

/** The words of one command, each masked on its own and by the option before it. */
export function maskCommand(argv: readonly string[], values: Iterable<string> = []): readonly string[] {
  const known = [...values];
  return maskArguments(argv).map((word) => maskSecrets(word, known));
}

function maskForms(text: string): string {
  let shown = text;
  if (shown.includes('@'))
    shown = shown
      .replace(URL_LOGIN, (whole, scheme: string, user: string) => (user === 'git' ? whole : `${scheme}${MASK}`))
      .replace(URL_PASSWORD, `$1${MASK}`)
      .replace(DRIVER_PASSWORD, `$1${MASK}`);
  shown = shown.replace(BEARER, `$1${MASK}`);
  shown = shown.replace(PARAMETER, (whole, before: string, name: string) => (isSecretParameter(name) ? `${before}${name}=${MASK}` : whole));
  for (const form of FORMS) shown = maskForm(shown, form);
  return shown;
}

function maskForm(text: string, { head, value, isSecret }: Form): string {
  let shown = '';
  let from = 0;
  head.lastIndex = 0;
  for (let found = head.exec(text); found; found = head.exec(text)) {
    const name = found[2] ?? '';
    if (!isSecret(name, '')) continue;
    value.lastIndex = head.lastIndex;
    const secret = value.exec(text)?.[0];
    if (secret === undefined || !isSecret(name, secret)) continue;
    shown += `${text.slice(from, head.lastIndex)}${MASK}`;
    from = head.lastIndex + secret.length;
    head.lastIndex = from;
  }
  return shown + text.slice(from);
}

/** A command within quotes, as `sh -c` runs it, is read like one outside. */
const DEEPEST_QUOTES = 3;

function maskWords(text: string, depth: number): string {
  if (!/\s|["'],/.test(text)) return text;
  const words = commandWords(text);
  const masked = maskArguments(words.map((word) => word.text));
  let shown = '';
  let from = 0;
  for (const [i, word] of words.entries()) {
    const known = masked[i] ?? word.text;
    const inner = known === word.text && word.quoted && depth < DEEPEST_QUOTES ? maskWords(word.text, depth + 1) : known;
    if (inner === word.text) continue;
    const quote = word.quoted ? text[word.from] : '';
    shown += text.slice(from, word.from) + (inner === MASK ? MASK : `${quote}${inner}${quote}`);
    from = word.to;
  }
  return shown + text.slice(from);
}

/** Expects the longest value first, since one may be part of another. */
function maskValues(text: string, values: Iterable<string>): string {
  let shown = text;
  for (const value of values) shown = shown.replaceAll(value, MASK);
  return shown;
}

/** Keys whose values programs compare; they are never masked. */
const UNMASKED_KEYS: ReadonlySet<string> = new Set(['type', 'code', 'kind', 'state', 'verdict']);

/** A copy of the data with these values masked in all its texts, and with what `maskSecrets` recognises by its form. */
export function withoutSecrets<T>(data: T, values: Iterable<string>): T {
  const known = [...values];
  const clean = (value: unknown): unknown => {
    if (typeof value === 'string') return maskSecrets(value, known);
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
    if (Array.isArray(value)) return value.map(clean);
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, cleanMember(key, one)]));
  };
  const cleanMember = (key: string, one: unknown): unknown => {
    if (UNMASKED_KEYS.has(key)) return one;
    return key === 'argv' && isTexts(one) ? maskCommand(one, known) : clean(one);
  };
  return clean(data) as T;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

/** The secrets known to this process: those of its environment and, once it is loaded, of the config. */
export class Secrets implements Iterable<string> {
  #values: readonly string[];

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#values = secretValues(env);
  }

  /** A value that is also a visible name (`postgres`) is not masked, even if it is a password as well. */
  learn({ name, services }: Stack): void {
    const names = new Set([name, ...services.map((service) => service.name)]);
    const found = services.flatMap(({ env, envFileValues }) => [...secretValues(env), ...secretValues(envFileValues)]);
    this.#values = longestFirst([...this.#values, ...found].filter((value) => !names.has(value)));
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#values[Symbol.iterator]();
  }
}

/** The secrets in an environment, longest first: values of at least eight characters with a secret's name, and passwords in URLs. */
export function secretValues(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const found = new Set<string>();
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) continue;
    const candidates = value.includes('://') ? [...value.matchAll(URL_PASSWORD)].map((match) => match[2] ?? '') : [];
    if (isSecretName(name)) candidates.push(value);
    for (const secret of candidates) if (secret.length >= SHORTEST_SECRET) found.add(secret);
  }
  return longestFirst(found);
}

function longestFirst(values: Iterable<string>): readonly string[] {
  return [...new Set(values)].sort((a, b) => b.length - a.length);
}
