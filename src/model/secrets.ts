/**
 * Masks secrets in text. Command lines, config values and answers to checks appear in errors and in `status`, and people paste those
 * into bug reports. Masked are the password in a URL, what follows a secret's name (`API_TOKEN=…`, `"password": "…"`, `--token …`),
 * and, wherever it appears, every value of such a variable in the caller's environment, in an `envFile` or in the config. Logs are not
 * masked: they are the bytes that a service wrote.
 */

import type { Stack } from './service.ts';

export const MASK = '***';
/** Shorter values occur in too much text by chance. */
const SHORTEST_SECRET = 8;

const SECRET_NAME =
  /(?:password|passwd|passphrase|secret|token|credential|api_?key|private_?key|access_?key)s?|(?:^|[_-])(?:key|pass|auth)(?:$|[_-])/i;
/**
 * `AUTH_SERVICE_URL`, `SSH_AUTH_SOCK`, `TLS_KEY_FILE` name a location. A name with "secret", "pass" or "credential" never counts as
 * one.
 */
const PLACE_NAME =
  /^(?!.*(?:secret|pass|credential)).*[_-](?:url|uri|host|hostname|port|path|file|dir|sock|endpoint|origin|origins|domain)$/i;
const URL_PASSWORD = /(\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@'"]*:)([^\s/'"]+)(?=@)/gi;
const QUOTED = `"(?:[^"\\\\]|\\\\.)*"?|'[^']*'?`;
const ASSIGNED = new RegExp(`(?<![\\w-])([A-Za-z_]\\w*|--[a-z][\\w-]*)(=)(${QUOTED}|[^\\s"',;]+)`, 'g');
const FLAG = new RegExp(`(?<![\\w-])(--[a-z][\\w-]*)( )(${QUOTED}|[^\\s-][^\\s]*)`, 'g');
const MEMBER = new RegExp(`(["'][\\w-]+["'])(\\s*:\\s*)(${QUOTED})`, 'g');

export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !PLACE_NAME.test(name);
}

/** `values`: the known secrets, longest first (see `Secrets`). */
export function maskSecrets(text: string, values: Iterable<string> = []): string {
  let shown = maskValues(text, values);
  shown = shown.replace(URL_PASSWORD, `$1${MASK}`);
  for (const pattern of [MEMBER, ASSIGNED, FLAG])
    shown = shown.replace(pattern, (whole, name: string, between: string) =>
      isSecretName(name.replace(/["']/g, '')) ? `${name}${between}${MASK}` : whole,
    );
  return shown;
}

/** Expects the longest value first, since one may be part of another. */
function maskValues(text: string, values: Iterable<string>): string {
  let shown = text;
  for (const value of values) shown = shown.replaceAll(value, MASK);
  return shown;
}

/** Keys whose values programs compare; they are never masked. */
const UNMASKED_KEYS: ReadonlySet<string> = new Set(['type', 'code', 'kind', 'state', 'verdict']);

/** A copy of the data with these values masked in all its texts. */
export function withoutSecrets<T>(data: T, values: Iterable<string>): T {
  const known = [...values];
  const clean = (value: unknown): unknown => {
    if (typeof value === 'string') return maskValues(value, known);
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
    if (Array.isArray(value)) return value.map(clean);
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, UNMASKED_KEYS.has(key) ? one : clean(one)]));
  };
  return known.length === 0 ? data : (clean(data) as T);
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
