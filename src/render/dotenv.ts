/**
 * Writes variables in the form that dotenv readers and `sh` both understand. A value with both kinds of quotes is escaped
 * for `sh` and most dotenv readers; Node's `--env-file` supports no escapes.
 */

const NAME = /^[A-Za-z_]\w*$/;

/** Sorted by name. Variables whose names no shell accepts become comments. */
export function dotenv(variables: Readonly<Record<string, string>>): string {
  const lines = Object.keys(variables)
    .toSorted()
    .map((name) =>
      NAME.test(name) ? `${name}=${quotedValue(variables[name] ?? '')}` : `# left out, no shell can name it: ${JSON.stringify(name)}`,
    );
  return lines.map((line) => `${line}\n`).join('');
}

function quotedValue(value: string): string {
  if (/^[\w@%+=:,./-]*$/.test(value)) return value;
  if (!value.includes("'")) return `'${value}'`;
  return `"${value.replaceAll(/["\\$`]/g, (character) => `\\${character}`)}"`;
}
