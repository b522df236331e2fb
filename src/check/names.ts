/** Normalises the ways to write one name: `Auth Service`, `auth-service`, `AUTH_SVC`, `authService` are all `auth`. */

/** Words that mean "a service", without saying which. */
const GENERIC_WORDS = new Set('service services svc app application server srv container deployment'.split(' '));
/** Aliases of the same program. */
const ALIASES: Readonly<Record<string, string>> = { postgresql: 'postgres', pg: 'postgres', mongodb: 'mongo', elastic: 'elasticsearch' };

/** Lower case, without separators and without generic words; if all words are generic, they are kept. */
export function normalName(name: string, prefix = ''): string {
  const all = nameWords(name);
  const own = prefix !== '' && all.length > 1 && all[0] === prefix ? all.slice(1) : all;
  const specific = own.filter((word) => !isGeneric(word));
  return (specific.length > 0 ? specific : own).map((word) => ALIASES[word] ?? word).join('');
}

export function isGeneric(word: string): boolean {
  return GENERIC_WORDS.has(word);
}

/** The spellings that a name contains: `API (Main)` is also `API` and `Main`. */
export function spellings(name: string): readonly string[] {
  const parts = /^([^(]*)\(([^)]*)\)\s*$/.exec(name);
  return parts ? [name, parts[1] as string, parts[2] as string] : [name];
}

/** The words of a name in lower case, in order. */
export function nameWords(name: string): readonly string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}

/** Same length, one digit different: 8001 and 8002. */
export function oneDigitApart(a: number, b: number): boolean {
  const [x, y] = [String(a), String(b)];
  return x.length === y.length && [...x].filter((digit, i) => digit !== y[i]).length === 1;
}
