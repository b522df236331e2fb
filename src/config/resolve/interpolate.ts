/**
 * `${…}` in the texts of a config. An unknown reference is a config error and never becomes an empty text. `$${` is a
 * literal `${`, for the shell to expand.
 *
 *   ${port}  ${ports.NAME}  ${services.NAME.port}  ${services.NAME.url}  ${env.NAME}  ${env.NAME:-default}
 */
import { suggest } from '../../model/suggest.ts';

export interface Scope {
  /** By port name; the first is the main port. */
  readonly ports: ReadonlyMap<string, number>;
  readonly services: ReadonlyMap<string, { readonly port: number | null; readonly url: string | null }>;
  readonly env: (name: string, hasDefault: boolean) => string | undefined;
}

export interface UnknownReference {
  readonly message: string;
  readonly suggestion: string | null;
}

export interface Interpolated {
  readonly text: string;
  readonly unknown: readonly UnknownReference[];
}

export function interpolate(text: string, scope: Scope): Interpolated {
  const unknown: UnknownReference[] = [];
  return { text: replace(text), unknown };

  function replace(input: string): string {
    let output = '';
    for (let at = 0; at < input.length; ) {
      if (input.startsWith('$${', at)) {
        output += '${';
        at += 3;
      } else if (input.startsWith('${', at)) {
        const end = closingBrace(input, at + 2);
        if (end === -1) {
          unknown.push({
            message: `contains "${input.slice(at, at + 20)}", which is never closed`,
            suggestion: `$${input.slice(at, at + 20)}`,
          });
          return output + input.slice(at);
        }
        output += resolve(input.slice(at + 2, end));
        at = end + 1;
      } else {
        output += input[at];
        at++;
      }
    }
    return output;
  }

  function resolve(reference: string): string {
    const variable = /^env\.([^:}]+)(?::-([\s\S]*))?$/.exec(reference);
    if (variable) {
      const [, name, otherwise] = variable as unknown as [string, string, string | undefined];
      const value = scope.env(name, otherwise !== undefined);
      if (otherwise !== undefined) return value === undefined || value === '' ? replace(otherwise) : value;
      return value ?? missing(reference, `, but the environment has no ${name}`, `\${env.${name}:-default}`);
    }
    if (reference === 'port') {
      const [main] = scope.ports.values();
      return main?.toString() ?? missing(reference, ', but the service has no port', null);
    }
    if (reference.startsWith('ports.')) {
      const name = reference.slice('ports.'.length);
      const near = suggest(name, scope.ports.keys());
      return (
        scope.ports.get(name)?.toString() ?? missing(reference, `, but the service has no port "${name}"`, near && `\${ports.${near}}`)
      );
    }
    const other = /^services\.(.+)\.(port|url)$/.exec(reference);
    if (other) {
      const [, name, part] = other as unknown as [string, string, 'port' | 'url'];
      const service = scope.services.get(name);
      if (service) return service[part]?.toString() ?? missing(reference, `, but ${name} has no port`, null);
      const near = suggest(name, scope.services.keys());
      return missing(reference, `, but there is no service "${name}"`, near && `\${services.${near}.${part}}`);
    }
    return missing(reference, ', which is not a devup reference', suggestReference(reference));
  }

  function missing(reference: string, why: string, suggestion: string | null): string {
    unknown.push({ message: `refers to "\${${reference}}"${why}`, suggestion });
    return '';
  }
}

/** Index of the `}` that ends the reference, or -1. A default may itself hold references and `$${…}`. */
function closingBrace(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text.startsWith('${', at)) depth++;
    else if (text[at] === '}' && --depth === 0) return at;
  }
  return -1;
}

/** Suggests `${env.HOME}` for `${HOME}`. */
function suggestReference(reference: string): string | null {
  const near = suggest(reference, ['port']);
  if (near !== null) return `\${${near}}`;
  return /^[A-Za-z_]\w*$/.test(reference) ? `\${env.${reference}}` : null;
}
