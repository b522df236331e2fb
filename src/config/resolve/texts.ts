/** Interpolates `${…}` in the texts of one service, and reports each problem with its path. */
import type { ServiceInput } from '../../model/service.ts';
import type { ConfigFinding, Path } from '../validate/finding.ts';
import { interpolate, type Scope } from './interpolate.ts';

export interface InterpolatedService {
  readonly input: ServiceInput;
  readonly findings: readonly ConfigFinding[];
}

/** Whether the texts of a field are interpolated. */
const INTERPOLATED: { readonly [F in keyof Required<ServiceInput>]: boolean } = {
  command: true,
  port: false,
  ports: false,
  host: false,
  cwd: true,
  env: true,
  envFile: false,
  dependsOn: false,
  ready: true,
  listener: false,
  health: true,
  restart: false,
  stop: true,
  onConflict: true,
  optional: false,
  profiles: false,
  links: true,
  category: false,
  description: false,
  labels: false,
  output: false,
};
const FIELDS = (Object.keys(INTERPOLATED) as readonly (keyof ServiceInput)[]).filter((field) => INTERPOLATED[field]);

/**
 * `${env.NAME}` reads the environment that the service will have: its own `env` first, then the command's, then its env files.
 * Inside `env` itself it skips the service's own values, so that `PATH: 'x:${env.PATH}'` works.
 */
export function interpolateService(input: ServiceInput, at: Path, scope: Scope): InterpolatedService {
  const findings: ConfigFinding[] = [];
  const env = input.env && (interpolateDeep(input.env, [...at, 'env'], scope) as Readonly<Record<string, string | number | boolean>>);
  const own: Scope = {
    ...scope,
    env: (name, hasDefault) => (env && Object.hasOwn(env, name) ? String(env[name]) : scope.env(name, hasDefault)),
  };
  const replaced: Record<string, unknown> = {};
  for (const field of FIELDS) {
    if (field !== 'env' && input[field] !== undefined) replaced[field] = interpolateDeep(input[field], [...at, field], own);
  }
  return { input: { ...input, ...(env && { env }), ...replaced }, findings };

  function interpolateDeep(value: unknown, path: Path, fieldScope: Scope): unknown {
    if (typeof value === 'string') {
      if (!value.includes('${')) return value;
      const { text, unknown } = interpolate(value, fieldScope);
      findings.push(...unknown.map(({ message, suggestion }) => ({ path, message, suggestion, value })));
      return text;
    }
    if (Array.isArray(value)) return value.map((item, index) => interpolateDeep(item, [...path, index], fieldScope));
    if (typeof value !== 'object' || value === null) return value;
    // In a regular expression, `${` has its own meaning.
    if ('source' in value) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, interpolateDeep(item, [...path, key], fieldScope)]));
  }
}
