/** A problem before it is formatted: its path is a list, to find the value and the position in the file. */
import type { ConfigProblem } from '../../model/config-problem.ts';

export type Path = readonly (string | number)[];

export interface ConfigFinding {
  readonly path: Path;
  /** Printed after the path: `must be …`. */
  readonly message: string;
  readonly suggestion?: string | null;
  /** Reported instead of the value at `path`. */
  readonly value?: unknown;
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

export function toProblem(finding: ConfigFinding, config: unknown, locate: (path: Path) => Position | null): ConfigProblem {
  const position = locate(finding.path);
  const value = 'value' in finding ? finding.value : valueAt(config, finding.path);
  return {
    path: formatPath(finding.path),
    service: finding.path[0] === 'services' && finding.path.length > 1 ? String(finding.path[1]) : null,
    message: finding.message,
    value: formatValue(value),
    suggestion: finding.suggestion ?? null,
    line: position?.line ?? null,
    column: position?.column ?? null,
  };
}

export function valueAt(config: unknown, path: Path): unknown {
  let value = config;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string | number, unknown>)[key];
  }
  return value;
}

/** `services.backend.ready[1].http`. Other keys than plain words are quoted: `env["a b"]`. */
function formatPath(path: Path): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else if (/^[\w$/-][\w$./-]*$/.test(key)) text += text === '' ? key : `.${key}`;
    else text += `[${JSON.stringify(key)}]`;
  }
  return text;
}

const maxValueLength = 80;

function formatValue(value: unknown): string | null {
  if (value === undefined) return null;
  const text = JSON.stringify(value) ?? null;
  return text !== null && text.length > maxValueLength ? `${text.slice(0, maxValueLength - 1)}…` : text;
}
