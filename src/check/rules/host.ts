/** D113: a development server listens on all interfaces, or where clients of the config's host cannot reach it. */
import { isLoopback } from '../../model/address.ts';
import { type Rule, warning } from './rule.ts';

export const host: Rule = ({ references, contract }) =>
  references.flatMap((one) => {
    if (one.kind !== 'host') return [];
    const service = contract.ofFolder(one.place.file);
    if (!service) return [];
    const open = /^(0\.0\.0\.0|::|\*)$/.test(one.host);
    const agrees = one.host === service.host || (isLocalName(one.host) && isLocalName(service.host));
    if (open ? !service.localOnly : agrees) return [];
    const message = open
      ? `${service.name} listens for the whole network, but its host in the config is ${service.host}`
      : `${service.name} listens on ${one.host}, but clients are sent to ${service.host}`;
    return [
      warning('D113', message, one.place, {
        service: service.name,
        expected: service.host,
        found: one.host,
        fix: open ? `write '${service.host}', or remove host from the config` : `write '${service.host}', or correct host in the config`,
      }),
    ];
  });

function isLocalName(name: string): boolean {
  return name === 'localhost' || isLoopback(name);
}
