/**
 * Text without secrets. Command lines, config values and answers of checks are shown in errors and status, and what is
 * shown is pasted into reports. Hidden are the password in a URL, what follows a name that speaks of a secret
 * (`API_TOKEN=…`, `"password": "…"`, `--token …`), and every value of such a variable in the caller's environment,
 * wherever it stands. Logs are not passed through here: they are the bytes that a service wrote.
 */

export const MASK = '***';
/** Shorter values stand in too much text by chance. */
const SHORTEST_SECRET = 8;

const SECRET_NAME =
  /(?:password|passwd|passphrase|secret|token|credential|api_?key|private_?key|access_?key)s?|(?:^|[_-])(?:key|pass|auth)(?:$|[_-])/i;
const URL_PASSWORD = /(\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@'"]*:)([^\s/'"]+)(?=@)/gi;
const QUOTED = `"(?:[^"\\\\]|\\\\.)*"?|'[^']*'?`;
const ASSIGNED = new RegExp(`(?<![\\w-])([A-Za-z_]\\w*|--[a-z][\\w-]*)(=)(${QUOTED}|[^\\s"',;]+)`, 'g');
const FLAG = new RegExp(`(?<![\\w-])(--[a-z][\\w-]*)( )(${QUOTED}|[^\\s-][^\\s]*)`, 'g');
const MEMBER = new RegExp(`(["'][\\w-]+["'])(\\s*:\\s*)(${QUOTED})`, 'g');

export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** `values`: see `secretValues`. */
export function masked(text: string, values: readonly string[] = []): string {
  let shown = text;
  // The longest first: one may be a part of another.
  for (const value of values) shown = shown.replaceAll(value, MASK);
  shown = shown.replace(URL_PASSWORD, `$1${MASK}`);
  for (const pattern of [MEMBER, ASSIGNED, FLAG])
    shown = shown.replace(pattern, (whole, name: string, between: string) =>
      isSecretName(name.replace(/["']/g, '')) ? `${name}${between}${MASK}` : whole,
    );
  return shown;
}

/** The secrets of an environment: values of at least eight characters whose name says so, and passwords in URLs. Longest first. */
export function secretValues(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const found = new Set<string>();
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) continue;
    const candidates = [...value.matchAll(URL_PASSWORD)].map((match) => match[2] ?? '');
    if (isSecretName(name)) candidates.push(value);
    for (const secret of candidates) if (secret.length >= SHORTEST_SECRET) found.add(secret);
  }
  return [...found].sort((a, b) => b.length - a.length);
}
