/**
 * D104 and D105: the origins that a backend allows. A list must contain the origin of every frontend that calls the backend (or of the
 * only frontend), and no entry that can never match an origin or a host.
 */
import type { Finding, OriginsReference, Place } from '../../model/drift.ts';
import { parsePort } from '../../model/port.ts';
import { mainPort, type Service } from '../../model/service.ts';
import { oneDigitApart } from '../names.ts';
import { isLocal } from '../sources/scan.ts';
import { error, type Facts, type Rule } from './rule.ts';

export const origins: Rule = (facts) =>
  facts.references.flatMap((one) => {
    if (one.kind !== 'origins') return [];
    const backend = facts.contract.named(one.names) ?? facts.contract.ofFolder(one.place.file);
    return [...invalidEntries(one, backend), ...(one.list === 'hosts' ? [] : missingOrigins(one, backend, facts))];
  });

/** Entries that can never match: `*:8002`, `http://localhost:5000/` in a list of origins, `http://…` in a list of hosts. */
function invalidEntries({ list, entries }: OriginsReference, backend: Service | null): readonly Finding[] {
  return entries.flatMap(({ value, place }) => {
    const wrong = list === 'hosts' ? wrongHost(value) : wrongOrigin(value, list);
    if (!wrong) return [];
    const { why, right } = wrong;
    return [
      error('D105', `"${value}" is not a valid ${list === 'hosts' ? 'host' : 'origin'}: ${why}`, place, {
        service: backend?.name ?? null,
        expected: right,
        found: value,
        fix: right === null ? 'correct it: as it stands, it allows nothing' : `write ${right}`,
        replacement: right,
      }),
    ];
  });
}

interface Wrong {
  readonly why: string;
  readonly right: string | null;
}

function wrongHost(value: string): Wrong | null {
  if (/^(\*|\.?[\w-]+(\.[\w-]+)*|\[[0-9a-f:]+\])$/i.test(value)) return null;
  if (value.includes('://')) return { why: 'hosts are compared without a scheme', right: null };
  if (isIPv6(value)) return { why: 'an IPv6 address needs brackets', right: `[${value}]` };
  const withoutPort = /^(.*):\d+$/.exec(value)?.[1];
  if (withoutPort === undefined) return { why: 'it is neither a name nor an address', right: null };
  // `*` alone would allow every host, so it is never suggested.
  return { why: 'hosts are compared without a port', right: wrongHost(withoutPort) === null && withoutPort !== '*' ? withoutPort : null };
}

function isIPv6(value: string): boolean {
  return value.includes('::') && URL.canParse(`http://[${value}]`);
}

function wrongOrigin(value: string, list: 'cors' | 'csrf'): Wrong | null {
  if (value === '*' || value === 'null') return null;
  const match = /^([a-z][a-z0-9+.-]*):\/\/(\[[^\]]+\]|[^/:?#\s]+)(?::(\d+))?(.*)$/i.exec(value);
  if (!match) return { why: `an origin begins with http:// or https://`, right: null };
  const [, , host = '', port, rest = ''] = match;
  if (port !== undefined && parsePort(port) === null) return { why: `${port} is not a port`, right: null };
  if (rest !== '') return { why: 'an origin ends after its port', right: value.slice(0, value.length - rest.length) };
  if (host.includes('*') && list === 'cors') return { why: 'an origin has no wildcards', right: null };
  return null;
}

function missingOrigins(list: OriginsReference, backend: Service | null, facts: Facts): readonly Finding[] {
  if (list.all || list.entries.length === 0) return [];
  const { contract } = facts;
  if (backend && contract.isFrontend(backend)) return [];
  const local = list.entries.flatMap(({ value, place }) => localPort(value, place));
  // The list is for other machines: a production list, or a template.
  if (local.length === 0) return [];
  const missing = callers(backend, facts).filter((service) => !local.some(({ port }) => port === mainPort(service)));
  const strangers = local.filter(({ port }) => contract.owner(port) === null);
  const used = new Set<(typeof strangers)[number]>();
  const absent = missing.map((service): Finding => {
    const port = mainPort(service) as number;
    const mistyped = strangers.find((one) => oneDigitApart(one.port, port) && !used.has(one));
    if (mistyped) used.add(mistyped);
    return error(
      'D104',
      `${NAMES[list.list]} lacks http://localhost:${port}, the origin of ${service.name}${mistyped ? `, but has ${mistyped.port}` : ''}`,
      mistyped?.place ?? list.place,
      {
        service: service.name,
        port,
        expected: `http://localhost:${port}`,
        found: mistyped ? String(mistyped.port) : list.entries.map(({ value }) => value).join(', '),
        fix: mistyped ? `write ${port}` : `add http://localhost:${port}`,
        replacement: mistyped ? String(port) : null,
      },
    );
  });
  const unowned = strangers
    .filter((one) => !used.has(one))
    .map(({ value, port, place }) =>
      error('D103', `${NAMES[list.list]} allows ${value}, where no service of the config listens`, place, {
        found: String(port),
        fix: 'remove it, or write the port of a service',
      }),
    );
  return [...absent, ...unowned];
}

const NAMES: Readonly<Record<OriginsReference['list'], string>> = { cors: 'CORS', csrf: 'CSRF', hosts: 'the list of hosts' };

/** The place is that of the port's digits. */
function localPort(value: string, place: Place): readonly { readonly value: string; readonly port: number; readonly place: Place }[] {
  const match = /^\w+:\/\/(\[[^\]]+\]|[^/:]+):(\d+)/.exec(value);
  const port = parsePort(match?.[2] ?? '');
  if (!match || port === null || !isLocal((match[1] as string).replace(/^\[|\]$/g, ''))) return [];
  const start = match[0].length - (match[2] as string).length;
  return [{ value, port, place: { ...place, column: place.column + start, from: place.from + start, to: place.from + match[0].length } }];
}

/** The frontends that call this backend, as far as their files show; the only frontend calls every backend. */
function callers(backend: Service | null, { contract, judged }: Facts): readonly Service[] {
  const frontends = contract.stack.services.filter(contract.isFrontend);
  if (frontends.length <= 1 || !backend) return frontends.length === 1 ? frontends : [];
  return frontends.filter((service) => {
    const folder = contract.folderOf(service);
    return (
      folder !== '' &&
      judged.some(
        ({ reference, judgement }) =>
          reference.use === 'target' &&
          reference.place.file.startsWith(`${folder}/`) &&
          judgement.kind === 'agrees' &&
          judgement.service === backend,
      )
    );
  });
}
