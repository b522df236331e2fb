/**
 * Checks names. A service's name becomes part of a file name, an environment variable and a URL, in a safe form each; a port's name
 * becomes `PORT_<NAME>`. Runs before the check of the shape, so it accepts any value.
 */
import { variableName } from '../../model/service-name.ts';
import type { ConfigFinding, Path } from './finding.ts';

const maxNameLength = 63;

export function nameFindings(config: unknown): readonly ConfigFinding[] {
  const services = record(config, 'services');
  const findings: ConfigFinding[] = [];
  const seen = new Map<string, string>();
  const variables = new Map<string, string>();
  for (const [name, service] of Object.entries(services)) {
    const at: Path = ['services', name];
    const problem = serviceNameProblem(name);
    if (problem !== null) findings.push({ path: at, message: problem, value: name });
    const same = seen.get(name.toLowerCase());
    if (same !== undefined)
      findings.push({ path: at, message: `differs from "${same}" only in case; both would write the same log file`, value: name });
    seen.set(name.toLowerCase(), name);
    const variable = variableName(name);
    const owner = variables.get(variable);
    if (owner !== undefined && same === undefined)
      findings.push({ path: at, message: `would be ${variable} in environment variables, like "${owner}"`, value: undefined });
    if (problem === null) variables.set(variable, owner ?? name);
    for (const port of Object.keys(record(service, 'ports'))) {
      if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(port)) findings.push({ path: [...at, 'ports', port], message: portNameMessage, value: port });
    }
    for (const variable of Object.keys(record(service, 'env'))) {
      if (!/^[^=\0]+$/.test(variable))
        findings.push({ path: [...at, 'env', variable], message: 'is not a valid name of an environment variable', value: variable });
    }
  }
  return findings;
}

const portNameMessage = 'is not a valid port name: use a letter, then letters, digits, "-" and "_"';

/** Parts that begin with a letter, digit or underscore, with `:` or `/` between them: `api`, `dev:api`, `@acme/web`. */
const SERVICE_NAME = /^@?[A-Za-z0-9_][A-Za-z0-9._-]*(?:[:/]@?[A-Za-z0-9_][A-Za-z0-9._-]*)*$/;

/** The problem as the end of a sentence (`must be …`); null for a valid name. */
export function serviceNameProblem(name: string): string | null {
  if (name in Object.prototype) return 'is a reserved name';
  if (!SERVICE_NAME.test(name))
    return 'is not a valid name: use letters, digits, ".", "_", "-", and ":", "/" or "@" as in dev:api and @acme/web';
  if (/^\d+$/.test(name)) return 'is not a valid name: JavaScript would move a number in front of the other services';
  if (name.length > maxNameLength) return `is not a valid name: it is longer than ${maxNameLength} characters`;
  return null;
}

function record(value: unknown, key: string): object {
  const inner = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  return typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inner : {};
}
