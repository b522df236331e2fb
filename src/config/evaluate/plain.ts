/**
 * Exported value → JSON data, so that TypeScript, YAML and JSON configs are alike from here on. A RegExp becomes
 * `{ source, flags }`; an undefined property is dropped. Objects have no prototype, so that a key of a config can neither
 * be mistaken for an inherited one nor change one.
 */
import type { ConfigFinding, Path } from '../validate/finding.ts';

export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain };

export interface Converted {
  readonly plain: Plain | undefined;
  readonly findings: readonly ConfigFinding[];
}

export function toPlain(value: unknown): Converted {
  const findings: ConfigFinding[] = [];
  const plain = convert(value, [], new Set());
  return { plain, findings };

  function convert(input: unknown, path: Path, ancestors: ReadonlySet<object>): Plain | undefined {
    switch (typeof input) {
      case 'boolean':
        return input;
      case 'string':
        if (input.includes('\0')) report(path, 'must not contain a NUL character');
        return input;
      case 'number':
        if (Number.isFinite(input)) return input;
        report(path, `must be a number, not ${input}`);
        return undefined;
      case 'undefined':
        return undefined;
      case 'object':
        return input === null ? null : convertObject(input, path, ancestors);
      default:
        report(path, `must be data, not a ${typeof input}`);
        return undefined;
    }
  }

  function convertObject(input: object, path: Path, ancestors: ReadonlySet<object>): Plain | undefined {
    if (ancestors.has(input)) {
      report(path, 'must not contain itself');
      return undefined;
    }
    const parents = new Set(ancestors).add(input);
    if (Array.isArray(input)) return Array.from(input, (item: unknown, index) => convert(item, [...path, index], parents) ?? null);
    if (Object.prototype.toString.call(input) === '[object RegExp]')
      return record([
        ['source', (input as RegExp).source],
        ['flags', (input as RegExp).flags],
      ]);
    if (input instanceof Promise || input instanceof Map || input instanceof Set || input instanceof Date) {
      report(path, `must be data, not a ${input.constructor.name}`);
      return undefined;
    }
    const entries: [string, Plain][] = [];
    for (const key of Object.keys(input)) {
      const at = [...path, key];
      if (key === '__proto__') {
        report(at, 'is not allowed as a name');
        continue;
      }
      const converted = convert((input as Record<string, unknown>)[key], at, parents);
      if (converted !== undefined) entries.push([key, converted]);
    }
    return record(entries);
  }

  function report(path: Path, message: string): void {
    findings.push({ path, message });
  }
}

function record(entries: readonly (readonly [string, Plain])[]): { readonly [key: string]: Plain } {
  const result = Object.create(null) as Record<string, Plain>;
  for (const [key, value] of entries) result[key] = value;
  return result;
}
