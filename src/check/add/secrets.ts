/**
 * Blanks the secrets in a copy of another service's configuration: values with a secret's name, and passwords in URLs. Mere references
 * to secrets (`${DB_PASSWORD}`, `secretKeyRef`) stay.
 */
import { isSecretName } from '../../model/secret-name.ts';

export function blankSecrets(text: string): string {
  return text
    .replaceAll(URL_PASSWORD, (whole, head: string, password: string) => (isReference(password) ? whole : head))
    .replaceAll(NAMED_ENTRY, (whole, head: string, name: string, between: string, value: string) =>
      isSecret(name, value) ? `${head}${name}${between}""` : whole,
    )
    .replaceAll(LISTED_FLAG, (whole, head: string, name: string, quote: string, value: string) =>
      isSecret(name, value) ? `${head}${quote}${quote}` : whole,
    )
    .replaceAll(FLAG, (whole, head: string, name: string, value: string) => (isSecret(name, value) ? head : whole))
    .replaceAll(LINE, (whole, head: string, name: string, between: string, value: string, comment: string | undefined) =>
      isSecret(name, value) ? `${head}${name}${between}${emptyLike(value, between)}${comment ?? ''}` : whole,
    )
    .replaceAll(PAIR, (whole, head: string, name: string, between: string, value: string) =>
      isSecret(name, value) ? `${head}${name}${between}${emptyLike(value, between)}` : whole,
    );
}

/** `AUTH_URL` is the address of a service called auth: ports, and addresses without a password, are not secrets. */
function isSecret(name: string, value: string): boolean {
  const bare = unquoted(value);
  // `key: token` names a key of a Secret.
  if (!isSecretName(name) || name === 'key' || bare === '' || isReference(bare)) return false;
  if (/^\d{1,5}$/.test(bare)) return !/port/i.test(name);
  return !/^(true|false|null)$|^[a-z][a-z0-9+.-]*:\/\/[^\s@?]*$|^[\w.-]+:\d{1,5}$/i.test(bare);
}

function isReference(value: string): boolean {
  return /^(\$\{[^}]*\}|\$\w+|\*[\w-]+|\{\{.*\}\}|&[\w-]+|[|>][-+]?)$/.test(value);
}

function unquoted(value: string): string {
  return value.trim().replace(/^(["'`])(.*)\1$/s, '$2');
}

function emptyLike(value: string, between: string): string {
  const quote = /^["'`]/.exec(value)?.[0];
  return quote ? quote + quote : between.includes('=') ? '' : '""';
}

const VALUE = `"(?:[^"\\\\\\n]|\\\\.)*"|'[^'\\n]*'|\`[^\`\\n]*\``;
const URL_PASSWORD = /(\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@'"`]*:)(\$\{[^}]*\}|[^\s/'"`@]+)(?=@)/gi;
/** `NAME: value` and `- NAME=value` on their own line: the value may contain blanks and commas. */
const LINE = /^([ \t]*(?:-[ \t]+)?["']?)([A-Za-z_][\w.-]*)(["']?(?::[ \t]+|(?<=-[ \t]+["']?[\w.-]+)=))([^{[\r\n]+?)([ \t]+#.*)?(?=\r?$)/gm;
/** `NAME=value`, `NAME: value`, `"NAME": "value"` anywhere. */
const PAIR = new RegExp(
  `((?:^|[\\s{[,"'\`(-])["']?)([A-Za-z_][\\w.-]*)(["']?\\s*[:=][ \\t]*)(${VALUE}|\\$\\{[^}]*\\}|[^\\s"'\`,{}\\[\\]#]+)`,
  'gm',
);
/** `- name: NAME` with `value: …` below or beside it, as Kubernetes writes variables. */
const NAMED_ENTRY = new RegExp(
  `(\\bname:[ \\t]*["']?)([A-Za-z_][\\w.-]*)(["']?(?:,[ \\t]*|[ \\t]*\\r?\\n[ \\t]*)value:[ \\t]*)(${VALUE}|[^\\s,}]+)`,
  'g',
);
const FLAG = /((?<![\w-])--([a-z][\w-]*) )("[^"\n]*"|'[^'\n]*'|[^\s"'`-][^\s"'`]*)/gi;
/** A flag and its value as list items: `"--token", "abc"`. */
const LISTED_FLAG = /(["']--([a-z][\w-]*)["'],\s*)(["'])([^"'\n]*)\3/gi;
