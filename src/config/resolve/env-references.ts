/**
 * `${NAME}` and `${NAME:-default}` in a value of an env file, as Compose, dotenv-expand and pydantic replace them. A bare `$NAME`
 * stays.
 */

export interface ReplacedValue {
  readonly value: string;
  readonly problems: readonly string[];
}

/** The longest variable that Linux gives to a program (MAX_ARG_STRLEN). References could double a value with each line. */
const LONGEST_VALUE = 128 * 1024;
const DEEPEST_DEFAULT = 100;

export function replaceReferences(value: string, lookup: (name: string) => string | undefined): ReplacedValue {
  const problems: string[] = [];
  /** Faults for which the whole value is left as it is. */
  const troubles: string[] = [];
  const replaced = replace(value, 0);
  return troubles.length === 0 ? { value: replaced, problems } : { value, problems: troubles.slice(0, 1) };

  function replace(input: string, depth: number): string {
    let output = '';
    if (depth > DEEPEST_DEFAULT) troubles.push('has references that nest too deeply: it is left as it is');
    for (let at = 0; at < input.length && troubles.length === 0; ) {
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
      output += resolve(input.slice(start, end + 1), depth);
      if (output.length > LONGEST_VALUE) troubles.push('would be longer than a variable can be (128 KiB): it is left as it is');
      at = end + 1;
    }
    return output;
  }

  function resolve(written: string, depth: number): string {
    const [, name, otherwise] = /^\$\{([A-Za-z_][\w.]*)(?::-([\s\S]*))?\}$/.exec(written) ?? [];
    if (name === undefined) {
      problems.push(`contains "${written.slice(0, 40)}": only \${NAME} and \${NAME:-default} are replaced`);
      return written;
    }
    const found = lookup(name);
    if (otherwise !== undefined) return found || replace(otherwise, depth + 1);
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
