/**
 * So that one run reports everything, what is wrong in shape is cut out and the rest is checked on. What was cut is
 * remembered: a later check must not conclude anything from its absence.
 */
import type { StackInput } from '../../model/service.ts';
import { type ConfigFinding, valueAt } from './finding.ts';

export interface Pruned {
  /** Of the right shape throughout. */
  readonly config: StackInput;
  /** Field names that were wrong, by service. */
  readonly wrong: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Each entry of these may be wrong by itself. */
const entries = new Set(['ports', 'env', 'links', 'labels']);

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
      // A misspelt field: the right one is not absent.
      if (suggestion && entry === undefined) fields.add(suggestion);
      remove(config, entry !== undefined && entries.has(field) ? [top, name, field, entry] : [top, name, field]);
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
