/**
 * The entry point through which a browser reaches the services behind `routes`: a gateway (nginx, Caddy, a service named like one), or
 * a frontend whose bundler proxies requests (Vite's `server.proxy`). Without either, nothing serves the routes together.
 */
import { mainPort, type Service } from '../../model/service.ts';
import type { Repository } from '../repository.ts';
import { bundlerConfig } from '../sources/bundler-config.ts';
import { frontendsOf } from './calls.ts';

const GATEWAYS = /^(.*[-_ ])?(nginx|gateway|proxy|caddy|traefik|haproxy|envoy|kong|ingress)([-_ ].*)?$/i;

/** Null: the service can be reached only at its own address. */
export function entryPointTo(service: Service, repository: Repository): Service | null {
  const { contract, judged } = repository;
  const gateway = contract.stack.services.find((one) => mainPort(one) !== null && isGateway(one));
  if (gateway) return gateway;
  const proxies = (frontend: Service) =>
    judged.some(
      ({ reference, judgement }) =>
        bundlerConfig.matches(reference.place.file) &&
        reference.use === 'target' &&
        judgement.kind === 'agrees' &&
        judgement.service === service &&
        contract.ofFolder(reference.place.file) === frontend,
    );
  return frontendsOf(repository).find((frontend) => frontend !== service && proxies(frontend)) ?? null;
}

function isGateway({ name, command }: Service): boolean {
  const words = command === null ? [] : command.kind === 'argv' ? command.argv : command.line.trim().split(/\s+/);
  const program = (words.find((word) => !/^\w+=/.test(word) && word !== 'exec') ?? '').split(/[\\/]/).at(-1) ?? '';
  return GATEWAYS.test(name) || /^(nginx|caddy|traefik|haproxy|envoy|kong)$/.test(program);
}
