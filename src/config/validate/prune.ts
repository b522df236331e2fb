/**
 * Removes everything of the wrong shape, so that later checks can run on the rest and one run reports every problem. The
 * removed fields are listed: a later check must not conclude anything from their absence.
 */
import type { StackInput } from '../../model/service.ts';
import { type ConfigFinding, valueAt } from './finding.ts';

export interface Pruned {
  /** The part of the config that has the right shape. */
  readonly config: StackInput;
  /** Names of the wrong fields, by service. */
  readonly wrong: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Fields from which single entries are removed. */
const maps = new Set(['ports', 'env', 'links', 'labels']);

export function prune(plain: unknown, findings: readonly ConfigFinding[]): Pruned {
  const config = copy(plain);
  const wrong = new Map<string, Set<string>>();
  if (!isRecord(config)) return { config: { services: {} }, wrong };
  for (const { path, suggestion } of findings) {
    const [top, name, field, entry] = path.map(String);
    if (top === undefined) return { config: { services: {} }, wrong };
    if (top !== 'services' || name === undefined) remove(config, name === undefined || top === 'name' ? [top] : [top, name]);
    else if (field === undefined) {
      if (!isRecord(valueAt(config, [top, name]))) remove(config, [top, name]);
    } else {
      const fields = wrong.get(name) ?? new Set();
      wrong.set(name, fields.add(field));
      // A misspelt field counts as present.
      if (suggestion && entry === undefined) fields.add(suggestion);
      remove(config, entry !== undefined && maps.has(field) ? [top, name, field, entry] : [top, name, field]);
    }
  }
  if (!isRecord(config['services'])) config['services'] = {};
  return { config: config as unknown as StackInput, wrong };
}

function remove(config: Record<string, unknown>, path: readonly string[]): void {
  let at: unknown = config;
  for (const key of path.slice(0, -1)) at = isRecord(at) ? at[key] : undefined;
  const last = path.at(-1);
  if (isRecord(at) && last !== undefined) delete at[last];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy);
  if (!isRecord(value)) return value;
  const result = Object.create(null) as Record<string, unknown>;
  for (const [key, inner] of Object.entries(value)) result[key] = copy(inner);
  return result;
}
