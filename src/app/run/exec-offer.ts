/**
 * `devup run` runs its command where it was typed, `devup exec` in the folder and with the environment of a service. A command that failed
 * may have been meant for the other one: its program or a file among its words exists only there.
 */
import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { Service, Stack } from '../../model/service.ts';
import { serviceEnvironment } from '../../supervisor/service/process/spawn.ts';
import type { AppContext } from '../context.ts';
import { findCommand } from './terminal-command.ts';

export interface ExecOffer {
  readonly service: string;
  /** The word of the command that exists in the service's folder or PATH, and not here. */
  readonly found: string;
}

/** More services with such a folder are not worth a line each. */
const MAX_OFFERS = 3;

/** `named`: the services on the command line; without names every service may be meant. */
export function execOffers(command: readonly string[], named: readonly string[], stack: Stack, context: AppContext): readonly ExecOffer[] {
  const meant = stack.services.filter(({ name }) => named.length === 0 || named.includes(name));
  const offers = meant.flatMap((service) => {
    const found = programOnlyThere(command, service, stack, context) ?? command.find((word) => isOnlyThere(word, service, context));
    return found === undefined ? [] : [{ service: service.name, found }];
  });
  return offers.slice(0, MAX_OFFERS);
}

function programOnlyThere([program]: readonly string[], service: Service, stack: Stack, context: AppContext): string | undefined {
  if (program === undefined || findCommand([program], { service: null, path: context.env['PATH'] ?? '', context }).ok) return undefined;
  const env = serviceEnvironment(service, { ...context, stack, baseEnv: context.env, colour: false });
  return findCommand([program], { service, path: env['PATH'] ?? '', context }).ok ? program : undefined;
}

function isOnlyThere(word: string, { cwd }: Service, context: AppContext): boolean {
  if (word === '' || word.startsWith('-') || isAbsolute(word)) return false;
  return !existsSync(join(context.cwd, word)) && existsSync(join(cwd, word));
}
