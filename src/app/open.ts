/** The address of a service, and the desktop's opener, which is run without a shell and without waiting for the browser to close. */
import { contractOf } from '../check/contract.ts';
import type { AddressProblem } from '../model/address-problem.ts';
import { DEBUG_VARIABLE } from '../model/debugger.ts';
import type { FailureOf } from '../model/failure.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { type Service, type Stack, serviceUrl } from '../model/service.ts';
import { splitAtService } from '../model/service-name.ts';
import { MARKER_VARIABLE } from '../model/stack-id.ts';
import { suggest } from '../model/suggest.ts';
import { noSuchService } from '../model/unknown-service.ts';
import { findProgram } from '../supervisor/service/process/command-line.ts';
import type { AppContext } from './context.ts';
import type { Program } from './run/terminal-command.ts';

/** `word`: a service, or `service:link`; null: the address that people look at first. Failures: E002 and `AddressProblem`. */
export function chooseAddress(word: string | null, stack: Stack): Result<string, AddressProblem | FailureOf<'E002'>> {
  const { services } = stack;
  if (word === null) {
    const service = front(stack);
    return service ? ownAddress(service) : fail({ kind: 'none' });
  }
  const names = services.map(({ name }) => name);
  const { service: name, rest: link } = splitAtService(word, names);
  const service = services.find((one) => one.name === name);
  if (!service) return fail(noSuchService(name, names));
  return link === null ? ownAddress(service) : linkOf(service, link);
}

/** The service behind `/`, a frontend, else the first one with links or with a port. */
function front(stack: Stack): Service | undefined {
  const { services, routes } = stack;
  const behind = routes.find(({ prefix }) => prefix === '/')?.service;
  return (
    services.find(({ name }) => name === behind) ??
    services.find(contractOf(stack).isFrontend) ??
    services.find(({ links }) => Object.keys(links).length > 0) ??
    services.find(({ ports }) => ports.length > 0)
  );
}

function ownAddress(service: Service): Result<string, AddressProblem> {
  const url = serviceUrl(service) ?? Object.values(service.links)[0];
  return url === undefined ? fail({ kind: 'none-of-service', service: service.name }) : ok(url);
}

/** Ignores upper and lower case, since the names of links are titles. */
function linkOf({ name, links }: Service, wanted: string): Result<string, AddressProblem> {
  const found = Object.entries(links).find(([title]) => title.toLowerCase() === wanted.toLowerCase());
  if (found) return ok(found[1]);
  const known = Object.keys(links);
  return fail({ kind: 'no-such-link', service: name, link: wanted, known, suggestion: suggest(wanted, known) });
}

/** A broken opener fails at once; a working one may run as long as the browser. */
const FAILS_WITHIN_MS = 1000;

/** Null if there is no opener or no display. */
export function findOpener({ machine, env, cwd }: AppContext): Program | null {
  const { openers, screenVariables } = machine.platform.desktop;
  if (screenVariables.length > 0 && !screenVariables.some((name) => env[name])) return null;
  for (const [name, ...args] of openers) {
    const found = findProgram(name, cwd, env['PATH'] ?? '', machine.platform);
    if (found && 'file' in found) return { file: found.file, args };
  }
  return null;
}

/** False when the opener could not be run or exited with a failure. */
export async function openWith({ file, args }: Program, url: string, { env, cwd, machine }: AppContext): Promise<boolean> {
  const { spawn } = process.getBuiltinModule('node:child_process');
  const child = spawn(file, [...args, url], {
    cwd,
    env: { ...env, [MARKER_VARIABLE]: undefined, [DEBUG_VARIABLE]: undefined },
    detached: true,
    stdio: 'ignore',
    windowsHide: true,
  });
  const ended = new Promise<boolean>((resolve) => {
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
  const settled = new AbortController();
  const works = await Promise.race([
    ended,
    machine.clock.sleep(FAILS_WITHIN_MS, settled.signal).then(
      () => true,
      () => true,
    ),
  ]);
  settled.abort();
  child.unref();
  return works;
}
