/** D201: each service listens on its declared ports, accepts connections there, and listens on no others. */

import { isLoopback } from '../../model/address.ts';
import type { Finding } from '../../model/drift.ts';
import { mainPort, type Service } from '../../model/service.ts';
import { isDown } from '../../model/service-state.ts';
import type { Note } from '../note.ts';
import { error, warning } from '../rules/rule.ts';
import { canAnswer, type LiveListener, type LiveStack, type RuleResult } from './rule.ts';

export function checkListeners(live: LiveStack): RuleResult {
  const { services } = live.repository.contract.stack;
  return {
    findings: services.flatMap((service) =>
      canAnswer(service, live) ? [...checkDeclared(service, live), ...checkUndeclared(service, live)] : checkDown(service, live),
    ),
    notes: services.flatMap((service) => noteOf(service, live)),
  };
}

function noteOf({ name, optional, ports }: Service, { running }: LiveStack): readonly Note[] {
  const known = running.get(name);
  if (known?.stale)
    return [{ kind: 'live', service: name, why: 'stale', text: `${name} runs with an older config: devup restart ${name}` }];
  const isStopped = known === undefined || known.state === 'stopped';
  return optional && isStopped && ports.length > 0
    ? [{ kind: 'live', service: name, why: 'not-running', text: `${name} is optional and not running` }]
    : [];
}

/** A required service with a port that is not running. */
function checkDown(service: Service, { running }: LiveStack): readonly Finding[] {
  const { name, optional } = service;
  const state = running.get(name)?.state ?? 'stopped';
  const port = mainPort(service);
  if (port === null || state === 'completed' || (optional && state === 'stopped')) return [];
  const fix = isDown(state) ? `devup start ${name}` : `devup wait ${name}`;
  return [error('D201', `${name} does not listen on ${port}: it is ${state}`, null, { service: name, port, expected: String(port), fix })];
}

function checkDeclared(service: Service, live: LiveStack): readonly Finding[] {
  const { name, host } = service;
  const isOwn = ownerTest(service, live);
  return service.ports.flatMap(({ port, required }) => {
    const here = live.listeners.filter((one) => one.port === port);
    const own = here.filter(isOwn);
    const facts = { service: name, port, expected: String(port) };
    if (own.length === 0) {
      if (!required) return [];
      const elsewhere = live.listeners.filter((one) => one.service === name).map((one) => one.port);
      const instead =
        here.length > 0
          ? `, but ${here[0]?.description} does`
          : elsewhere.length > 0
            ? `, but on ${[...new Set(elsewhere)].join(', ')}`
            : '';
      const found = elsewhere.length > 0 ? [...new Set(elsewhere)].join(', ') : null;
      return [error('D201', `${name} does not listen on ${port}${instead}`, null, { ...facts, found, fix: `see  devup logs ${name}` })];
    }
    const found: Finding[] = here
      .filter((one) => !isOwn(one))
      .map((one) =>
        error('D201', `${one.description} also listens on ${port} (${one.address}), beside ${name}`, null, {
          ...facts,
          found: one.address,
          fix: 'end it: until then either of them may answer',
        }),
      );
    if (isStuck(service, port, live)) {
      const message = `${name} listens on ${port} but accepts no connections`;
      found.push(error('D201', message, null, { ...facts, found: 'connections that wait', fix: `see  devup logs ${name}` }));
    }
    if (own.every(({ address }) => !isReachedBy(address, host))) {
      const at = own.map(({ address }) => address).join(', ');
      found.push(
        error('D201', `${name} listens on ${at}, not on its host ${host}`, null, {
          ...facts,
          expected: host,
          found: at,
          fix: 'correct host',
        }),
      );
    }
    const open = service.localOnly ? own.find(({ address }) => !isLoopback(address)) : undefined;
    if (open) {
      const fix = `make it listen on ${host}, or remove host from the config`;
      const message = `${name} can be reached from the network: it listens on ${open.address}:${port}, but its host is ${host}`;
      found.push(warning('D201', message, null, { ...facts, expected: host, found: open.address, fix }));
    }
    return found;
  });
}

/** One request does not show that a listener is stuck, so this relies on the session, which watches the port. */
function isStuck({ name }: Service, port: number, { running }: LiveStack): boolean {
  const problem = running.get(name)?.problem;
  return problem?.code === 'E117' && problem.port === port;
}

/** `listener` defines which process may hold the port; any process may hold the port of an external service. */
function ownerTest({ name, listener }: Service, { running }: LiveStack): (one: LiveListener) => boolean {
  const anybody = listener.kind !== 'tree' || running.get(name)?.state === 'external';
  return anybody ? () => true : ({ service }) => service === name;
}

function checkUndeclared(service: Service, live: LiveStack): readonly Finding[] {
  const { name } = service;
  const { owner } = live.repository.contract;
  const seen = new Map<number, string>();
  for (const { port, address, service: whose } of live.listeners) {
    if (whose === name && !service.ports.some((one) => one.port === port)) seen.set(port, seen.get(port) ?? address);
  }
  // A service that listens elsewhere instead is already reported for its main port.
  const main = mainPort(service);
  if (main !== null && !live.listeners.some(({ port, service: whose }) => port === main && whose === name)) return [];
  return [...seen].map(([port, address]) => {
    const other = owner(port);
    const message = `${name} also listens on ${port} (${address}), ${other ? `the port of ${other.name}` : 'which the config does not declare'}`;
    // A port that the system chose is not part of the contract: workers communicate through such ports.
    const finding = !other && inside(port, live.ephemeral) && isLoopback(address) ? warning : error;
    const fix = other
      ? `correct ${name}`
      : `declare it in ports of ${name} (with required: false for a tool), or stop it from listening there`;
    return finding('D201', message, null, { service: name, port, found: String(port), fix });
  });
}

function inside(port: number, range: readonly [number, number] | null): boolean {
  return range !== null && range[0] <= port && port <= range[1];
}

/** Whether clients of `host` reach a listener on `address`; a host name may mean any address. */
function isReachedBy(address: string, host: string): boolean {
  if (address === '::' || address === host || !/^[\d.]+$|:/.test(host)) return true;
  return address === '0.0.0.0' ? !host.includes(':') : false;
}
