import type { Finding, Place, Reference } from '../../model/drift.ts';
import type { PortFacts } from '../../model/port-trouble.ts';
import type { Contract } from '../contract.ts';
import type { Judged } from '../judge.ts';

/** Everything that is known when all files are read. */
export interface Facts extends PortFacts {
  readonly contract: Contract;
  readonly references: readonly Reference[];
  /** Those to ports, each with what it is to the config. */
  readonly judged: readonly Judged[];
}

/** Pure; one file a code. */
export type Rule = (facts: Facts) => readonly Finding[];

export function error(code: Finding['code'], message: string, place: Place | null, more: Partial<Finding> = {}): Finding {
  return {
    code,
    severity: 'error',
    service: null,
    port: null,
    place,
    expected: null,
    found: null,
    message,
    fix: null,
    replacement: null,
    ...more,
  };
}

export function warning(code: Finding['code'], message: string, place: Place | null, more: Partial<Finding> = {}): Finding {
  return { ...error(code, message, place, more), severity: 'warning' };
}
