/** The name of a service where fewer characters are allowed than in a config, and in words such as `service:link`. */

/** `dev:api` → `DEV_API`, `@acme/web` → `ACME_WEB`: a part of the name of an environment variable. */
export function variableName(service: string): string {
  return replaced(service, '_').toUpperCase();
}

/** `dev:api` → `dev-api`, `@acme/web` → `acme-web`: a name in the files of other tools. Dots and underscores stay. */
export function plainName(service: string): string {
  return service
    .split(/[^A-Za-z0-9._-]+/)
    .filter(Boolean)
    .join('-');
}

/**
 * Splits `service:rest` after the longest known name, since a name may contain colons. Without a known name, the first colon
 * separates. `rest` is null where the word is a name.
 */
export function splitAtService(word: string, known: readonly string[]): { readonly service: string; readonly rest: string | null } {
  if (known.includes(word)) return { service: word, rest: null };
  const fitting = known.filter((name) => word.startsWith(`${name}:`));
  const longest = fitting.toSorted((a, b) => b.length - a.length)[0] ?? word.split(':', 1).join('');
  return { service: longest, rest: longest === word ? null : word.slice(longest.length + 1) };
}

/** A leading underscore is part of the name; other separators at its ends are not. */
function replaced(name: string, separator: string): string {
  return name.replaceAll(/^[^A-Za-z0-9_]+/g, '').replaceAll(/[^A-Za-z0-9_]+/g, separator);
}
