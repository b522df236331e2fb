/** `devup open [service[:link]]`: the address of a service, or one of its links, in the browser; printed where there is none. */

import { findOpener, openWith } from '../../app/open.ts';
import { findTarget, loadTarget } from '../../app/target.ts';
import { contractOf } from '../../check/contract.ts';
import type { Failure } from '../../model/failure.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import { type Service, type Stack, serviceUrl } from '../../model/service.ts';
import { suggest } from '../../model/suggest.ts';
import { noSuchService } from '../../model/unknown-service.ts';
import type { Context, Parsed } from '../context.ts';
import { configFlag } from '../parse/values.ts';
import { done, printJson } from '../screen/finish.ts';
import { screen } from '../screen/screen.ts';

export async function open(parsed: Parsed, context: Context): Promise<number> {
  const shown = screen(parsed.flags, context);
  const target = await findTarget(configFlag(parsed), context);
  if (!target.ok) return done(shown, target.failure);
  const stack = await loadTarget(target.value, context);
  if (!stack.ok) return done(shown, stack.failure);
  const url = addressOf(parsed.words[0] ?? null, stack.value);
  if (!url.ok) return done(shown, url.failure);
  const silent = parsed.flags['print'] === true || shown.json || context.stdout.isTTY !== true;
  const opener = silent ? null : findOpener(context);
  const opened = opener !== null && (await openWith(opener, url.value, context));
  if (shown.json) return printJson(shown, { url: url.value });
  if (opener && !opened) await shown.err.write(`${opener.file} failed\n`);
  await shown.out.write(`${url.value}\n`);
  return done(shown, null, opener && !opened ? 1 : 0);
}

function addressOf(word: string | null, stack: Stack): Result<string, Failure> {
  const { services } = stack;
  if (word === null) {
    const service = front(stack);
    return service ? ownAddress(service) : refused('no service has an address', null);
  }
  const whole = services.find(({ name }) => name === word);
  if (whole) return ownAddress(whole);
  const colon = word.indexOf(':');
  const name = colon === -1 ? word : word.slice(0, colon);
  const service = services.find((one) => one.name === name);
  if (!service)
    return fail(
      noSuchService(
        name,
        services.map((one) => one.name),
      ),
    );
  return linkOf(service, word.slice(colon + 1));
}

/** What people look at: the service behind `/`, a frontend, else the first one with links or with a port. */
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

function ownAddress(service: Service): Result<string, Failure> {
  const url = serviceUrl(service) ?? Object.values(service.links)[0];
  return url === undefined ? refused(`${service.name} has neither a port nor a link`, null) : ok(url);
}

/** Capitals do not count: links are titles. */
function linkOf({ name, links }: Service, wanted: string): Result<string, Failure> {
  const found = Object.entries(links).find(([title]) => title.toLowerCase() === wanted.toLowerCase());
  if (found) return ok(found[1]);
  const titles = Object.keys(links);
  const meant = suggest(wanted, titles);
  const known = titles.length === 0 ? 'it has none' : `it has ${titles.join(', ')}`;
  return refused(`${name} has no link ${wanted}: ${known}`, meant === null ? null : `devup open ${name}:${meant}`);
}

function refused(message: string, suggestion: string | null): Result<never, Failure> {
  return fail({ code: 'E001', kind: 'usage', message, suggestion, command: 'open' });
}
