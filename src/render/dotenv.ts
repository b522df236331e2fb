/**
 * Variables as lines that dotenv readers and `sh` understand alike. A value with both kinds of quotes is escaped as `sh`
 * and most readers of such files take it; Node's `--env-file` knows no escapes.
 */

const NAME = /^[A-Za-z_]\w*$/;

/** In alphabetical order. A comment names the variables whose names no shell accepts. */
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
