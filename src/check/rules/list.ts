import { differentPort } from './different-port.ts';
import { documentRange } from './document-range.ts';
import { duplicatePort } from './duplicate-port.ts';
import { host } from './host.ts';
import { missingService } from './missing-service.ts';
import { origins } from './origins.ts';
import { ranges } from './ranges.ts';
import type { Rule } from './rule.ts';
import { strictPort } from './strict-port.ts';
import { troublePort } from './trouble-port.ts';
import { unknownService } from './unknown-service.ts';
import { unownedTarget } from './unowned-target.ts';

/** Rules about the config alone come first, as their findings do. */
export const RULES: readonly Rule[] = [
  ranges,
  troublePort,
  duplicatePort,
  differentPort,
  unownedTarget,
  origins,
  strictPort,
  host,
  documentRange,
  missingService,
  unknownService,
];
