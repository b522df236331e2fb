/**
 * Checks the shape of a config with zod, and words the issues. zod reports the issues of every branch of a union. Here only the intended
 * branch counts: the type and the keys of the value decide which it is.
 */
import type * as z from 'zod';
import { suggest } from '../../model/suggest.ts';
import { type ConfigFinding, type Path, valueAt } from './finding.ts';
import { stackSchema } from './schema.ts';

type Issue = z.core.$ZodIssue;

export function shapeFindings(config: unknown): readonly ConfigFinding[] {
  const parsed = stackSchema.safeParse(config);
  return parsed.success ? [] : parsed.error.issues.flatMap((issue) => findingsOf(issue, [], config));
}

function findingsOf(issue: Issue, base: Path, config: unknown): readonly ConfigFinding[] {
  const path = [...base, ...(issue.path as (string | number)[])];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(path, key, config));
    case 'invalid_union':
      return fromUnion(issue, path, config);
    case 'invalid_value':
      return [{ path, ...missingOr(issue.message, path, config), suggestion: suggestValue(issue.values, path, config) }];
    case 'invalid_key':
      return [{ path, message: 'is not a valid name' }];
    default:
      return [{ path, ...missingOr(issue.message, path, config) }];
  }
}

/** Field names of other tools → the names of devup. */
const aliases: Readonly<Record<string, string>> = {
  cmd: 'command',
  run: 'command',
  exec: 'command',
  script: 'command',
  dir: 'cwd',
  directory: 'cwd',
  workdir: 'cwd',
  working_dir: 'cwd',
  environment: 'env',
  needs: 'dependsOn',
  depends: 'dependsOn',
  requires: 'dependsOn',
  healthcheck: 'health',
  readiness: 'ready',
  url: 'http',
  exclude: 'ignore',
  processes: 'services',
  procs: 'services',
  apps: 'services',
};

/** Keys that every kind of test may have. */
const sharedKeys = new Set(['timeout', 'interval', 'retries', 'restart']);

function unknownKey(path: Path, key: string, config: unknown): ConfigFinding {
  const at = [...path, key];
  const present = Object.keys(valueAt(config, path) as object);
  const known = keysAt(stackSchema, path);
  if (known.includes(key)) {
    const beside = present.find((other) => other !== key && known.includes(other) && !sharedKeys.has(other));
    const list = path.at(-1) === 'ready' || path.at(-1) === 'reuse' ? '; write a list that has both' : '';
    return { path: at, message: beside === undefined ? 'does not belong here' : `cannot be combined with "${beside}"${list}` };
  }
  const alias = Object.hasOwn(aliases, key) ? (aliases[key] as string) : null;
  const free = known.filter((other) => !present.includes(other));
  return {
    path: at,
    message: 'is not a known field here',
    suggestion: alias !== null && known.includes(alias) ? alias : suggest(key, free),
  };
}

function fromUnion(issue: z.core.$ZodIssueInvalidUnion, path: Path, config: unknown): readonly ConfigFinding[] {
  const value = valueAt(config, path);
  const fitting = issue.errors.filter((branch) => branch.every((inner) => !rejectsWhole(inner) && !missesKey(inner, value)));
  const best = fitting.toSorted((a, b) => a.length - b.length)[0];
  if (best !== undefined) return best.flatMap((inner) => findingsOf(inner, path, config));
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const known = keysAt(stackSchema, path);
    const unknown = Object.keys(value).filter((key) => !known.includes(key));
    if (unknown.length > 0) return unknown.map((key) => unknownKey(path, key, config));
  }
  const [only, ...others] = issue.errors.filter((branch) => !branch.some(rejectsWhole));
  if (only !== undefined && others.length === 0) return only.flatMap((inner) => findingsOf(inner, path, config));
  const values = issue.errors.flat().flatMap((inner) => (inner.code === 'invalid_value' && inner.path.length === 0 ? inner.values : []));
  return [{ path, ...missingOr(issue.message, path, config), suggestion: suggestValue(values, path, config) }];
}

/** Whether this branch expects another type of value. */
function rejectsWhole(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_union') return issue.errors.every((branch) => branch.some(rejectsWhole));
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

/** Whether this branch requires a key that the value lacks. */
function missesKey(issue: Issue, value: unknown): boolean {
  return issue.path.length === 1 && issue.code !== 'unrecognized_keys' && valueAt(value, issue.path as Path) === undefined;
}

function missingOr(message: string, path: Path, config: unknown): { readonly message: string } {
  return { message: path.length > 0 && valueAt(config, path) === undefined ? 'is missing' : message };
}

function suggestValue(values: readonly unknown[], path: Path, config: unknown): string | null {
  const value = valueAt(config, path);
  const texts = values.filter((one) => typeof one === 'string');
  if (typeof value !== 'string') return null;
  return texts.find((text) => text === `SIG${value.toUpperCase()}`) ?? suggest(value, texts);
}

/** The keys that an object at `path` may have, in any branch. */
function keysAt(schema: z.core.$ZodType, path: Path): readonly string[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const [first, ...rest] = path;
  switch (def.type) {
    case 'optional':
      return keysAt(def.innerType, path);
    case 'union':
      return [...new Set(def.options.flatMap((option) => keysAt(option, path)))];
    case 'object': {
      if (first === undefined) return Object.keys(def.shape);
      const inner = Object.hasOwn(def.shape, first) ? def.shape[first] : undefined;
      return inner === undefined ? [] : keysAt(inner, rest);
    }
    case 'record':
      return first === undefined ? [] : keysAt(def.valueType, rest);
    case 'array':
      return typeof first === 'number' ? keysAt(def.element, rest) : [];
    default:
      return [];
  }
}
