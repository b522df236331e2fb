import type { Finding, Place, Reference } from '../../model/drift.ts';
import type { DescribeTrouble, PortFacts } from '../../model/port-trouble.ts';
import type { Contract } from '../contract.ts';
import type { Judged } from '../judge.ts';

/** Everything known after all files have been read. */
export interface Facts extends PortFacts {
  readonly contract: Contract;
  readonly references: readonly Reference[];
  /** The references to ports, each with its judgement. */
  readonly judged: readonly Judged[];
  readonly describeTrouble: DescribeTrouble;
}

/** A pure function; each code has one file. */
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
