/** Tells by its name whether a variable, a flag, a member or a header holds a secret. */

export const MASK = '***';

const SECRET_NAME = new RegExp(
  [
    '(?:password|passwd|passphrase|passcode|secret|token|credential|bearer|jwt|authorization)s?',
    '(?:api|private|access|account|encryption|signing|master|auth|storage|license|subscription)[_-]?keys?',
    '(?:db|user|store|key|require|root|admin|smtp|mail|redis|ftp)pass(?:$|[_-])',
    '(?:^|[_-])(?:key|pass|auth|pat|cookie)(?:$|[_-])',
    '[_-]pwd(?:$|[_-])|^pwd[_-]|(?:db|user|root|admin)pwd$|masterauth$',
  ].join('|'),
  'i',
);
/**
 * `AUTH_SERVICE_URL`, `SSH_AUTH_SOCK`, `TLS_KEY_FILE` name a location. A name with "secret", "pass" or "credential" counts as one only
 * when it is that of a file.
 */
const PLACE_NAME =
  /^(?!.*(?:secret|pass|credential)).*[_.-](?:url|uri|host|hostname|port|path|file|dir|sock|endpoint|origin|origins|domain)$|[_.-](?:file|path|dir|stdin|fd)$/i;
/** Names about a secret, not of one: `--max-tokens`, `--auth-mode`, `--token-ttl`. */
const ABOUT_NAME =
  /(?:^|[_-])(?:max|min|num|new)[_-](?:\w+[_-])?tokens$|[_.-](?:ttl|mode|type|method|timeout|length|enabled|limit|policy)$/i;
/** Flags that also take something harmless: a file with a key, a folder. */
const OFTEN_A_FILE = /^(?:--?(?!.*(?:api|access|secret|account)).*\b(?:key|auth|cookie)|-{0,2}pwd)$/i;
const FILE = /^(?:~|\.{0,2})\/|\.(?:pem|key|crt|cer|p12|pfx|jks|json|ya?ml|pub|der|asc|txt|jar)$/i;

/** `dbPass` and `githubPat` are read as `db_Pass` and `github_Pat`; other words, such as `primaryKey`, stay whole. */
const HUMP = /(?<=[a-z0-9])(?=(?:Pass|Pwd|Pat|Auth|Jwt)(?:$|[A-Z]))/g;

export function isSecretName(name: string): boolean {
  const parted = name.replace(HUMP, '_');
  return SECRET_NAME.test(parted) && !PLACE_NAME.test(parted) && !ABOUT_NAME.test(parted);
}

/** Also reads the names of flags and properties: `--pwd`, `-DdbPassword`, `spring.datasource.password`. */
export function isSecretArgument(name: string, value: string): boolean {
  const last = name.replace(/^--?(?:D(?=[A-Za-z]))?/, '').replace(/^.*\./, '');
  const bare = value.replace(/^["']|["']$/g, '');
  if (OFTEN_A_FILE.test(name) && FILE.test(bare)) return false;
  return isSecretName(last) || (/^pwd$/i.test(last) && last !== 'PWD');
}

/** Names in the query of a URL; `sig` and the like sign it. */
export function isSecretParameter(name: string): boolean {
  return isSecretName(name) || /(?:^|[_-])(?:sig|signature|hmac|sas|pwd|code_verifier|credential)$/i.test(name);
}
