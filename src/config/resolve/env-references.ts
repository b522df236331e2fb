/**
 * `${NAME}` and `${NAME:-default}` in a value of an env file, as Compose, dotenv-expand and pydantic replace them. A bare `$NAME`
 * stays.
 */

export interface ReplacedValue {
  readonly value: string;
  readonly problems: readonly string[];
}

export function replaceReferences(value: string, lookup: (name: string) => string | undefined): ReplacedValue {
  const problems: string[] = [];
  return { value: replace(value), problems };

  function replace(input: string): string {
    let output = '';
    for (let at = 0; at < input.length; ) {
      const start = input.indexOf('${', at);
      if (start === -1) return output + input.slice(at);
      const escaped = start > at && (input[start - 1] === '\\' || input[start - 1] === '$');
      if (escaped) {
        output += `${input.slice(at, start - 1)}\${`;
        at = start + 2;
        continue;
      }
      const end = closing(input, start + 2);
      output += input.slice(at, start);
      if (end === -1) {
        problems.push(`contains "${input.slice(start, start + 20)}", which is never closed: it is left as it is`);
        return output + input.slice(start);
      }
      output += resolve(input.slice(start, end + 1));
      at = end + 1;
    }
    return output;
  }

  function resolve(written: string): string {
    const [, name, otherwise] = /^\$\{([A-Za-z_][\w.]*)(?::-([\s\S]*))?\}$/.exec(written) ?? [];
    if (name === undefined) {
      problems.push(`contains "${written.slice(0, 40)}": only \${NAME} and \${NAME:-default} are replaced`);
      return written;
    }
    const found = lookup(name);
    if (otherwise !== undefined) return found || replace(otherwise);
    if (found === undefined) problems.push(`refers to \${${name}}, which is not set: it is left as it is`);
    return found ?? written;
  }
}

/** Index of the `}` that ends a reference, or -1. A default may contain references. */
function closing(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text.startsWith('${', at)) depth++;
    else if (text[at] === '}' && --depth === 0) return at;
  }
  return -1;
}
