/**
 * Text without secrets. Command lines, config values and answers of checks are shown in errors and status, and what is
 * shown is pasted into reports. Hidden are the password in a URL, what follows a name that speaks of a secret
 * (`API_TOKEN=…`, `"password": "…"`, `--token …`), and every value of such a variable in the caller's environment, in an
 * `envFile` or in the config, wherever it stands. Logs are not passed through here: they are the bytes that a service wrote.
 */

import type { Stack } from './service.ts';

export const MASK = '***';
/** Shorter values stand in too much text by chance. */
const SHORTEST_SECRET = 8;

const SECRET_NAME =
  /(?:password|passwd|passphrase|secret|token|credential|api_?key|private_?key|access_?key)s?|(?:^|[_-])(?:key|pass|auth)(?:$|[_-])/i;
/** `AUTH_SERVICE_URL`, `SSH_AUTH_SOCK`, `TLS_KEY_FILE`: where something is. Never said of what is called a secret or a password. */
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

/** `values`: see `Secrets`. */
export function masked(text: string, values: Iterable<string> = []): string {
  let shown = withoutValues(text, values);
  shown = shown.replace(URL_PASSWORD, `$1${MASK}`);
  for (const pattern of [MEMBER, ASSIGNED, FLAG])
    shown = shown.replace(pattern, (whole, name: string, between: string) =>
      isSecretName(name.replace(/["']/g, '')) ? `${name}${between}${MASK}` : whole,
    );
  return shown;
}

/** The longest first, as `Secrets` has them: one may be a part of another. */
function withoutValues(text: string, values: Iterable<string>): string {
  let shown = text;
  for (const value of values) shown = shown.replaceAll(value, MASK);
  return shown;
}

/** What programs tell each other by; no value of a secret is looked for there. */
const STRUCTURE: ReadonlySet<string> = new Set(['type', 'code', 'kind', 'state', 'verdict']);

/** Data whose texts hold none of these values. */
export function withoutSecrets<T>(data: T, values: Iterable<string>): T {
  const known = [...values];
  const clean = (value: unknown): unknown => {
    if (typeof value === 'string') return withoutValues(value, known);
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
    if (Array.isArray(value)) return value.map(clean);
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, STRUCTURE.has(key) ? one : clean(one)]));
  };
  return known.length === 0 ? data : (clean(data) as T);
}

/** What this process has come to know of secrets: those of its environment, and of the config once it was read. */
export class Secrets implements Iterable<string> {
  #values: readonly string[];

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#values = secretValues(env);
  }

  /** A name that everybody sees (`postgres`) hides nothing when it is a password as well. */
  learn({ name, services }: Stack): void {
    const names = new Set([name, ...services.map((service) => service.name)]);
    const found = services.flatMap(({ env, envFileValues }) => [...secretValues(env), ...secretValues(envFileValues)]);
    this.#values = longestFirst([...this.#values, ...found].filter((value) => !names.has(value)));
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#values[Symbol.iterator]();
  }
}

/** The secrets of an environment: values of at least eight characters whose name says so, and passwords in URLs. Longest first. */
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
