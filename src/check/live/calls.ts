/**
 * Which frontend calls which backend from a browser, as far as the repository shows:
 *
 *   - A variable that browsers see (`VITE_…`, `NEXT_PUBLIC_…`) holds an address of the backend. It is set in `env` or `envFile` of
 *     the frontend, or in a `.env` file in its folder.
 *   - A CORS setting of the backend names the frontend's origin.
 *   - There is only one frontend, and the backend has a CORS setting.
 *
 * Requests through a proxy of the frontend's own server have the same origin, so browsers send no preflight.
 */
import { mainPort, type Service, serviceUrl } from '../../model/service.ts';
import { parent, relative } from '../contract.ts';
import { placesOf } from '../places.ts';
import type { Repository } from '../repository.ts';
import { addressesIn, isLocal } from '../sources/scan.ts';
import { referencesOfVariable } from '../sources/variables.ts';

export interface Call {
  readonly frontend: Service;
  readonly backend: Service;
  readonly origin: string;
  /** The paths that the frontend's variables name; empty: only the backend's address is known. */
  readonly paths: readonly string[];
}

const SEEN_BY_BROWSERS = /^(VITE|NEXT_PUBLIC|REACT_APP|NUXT_PUBLIC|PUBLIC|VUE_APP|EXPO_PUBLIC|GATSBY|NG_APP)_/;

export function callsOf(repository: Repository): readonly Call[] {
  const { stack } = repository.contract;
  const calls = new Map<string, Call>();
  const add = (frontend: Service, backend: Service, origin: string | null, paths: readonly string[]) => {
    if (frontend === backend || origin === null) return;
    const key = `${backend.name} ${origin}`;
    const known = calls.get(key)?.paths ?? [];
    calls.set(key, { frontend, backend, origin, paths: [...new Set([...known, ...paths])] });
  };
  for (const frontend of frontendsOf(repository)) {
    for (const text of browserVariables(frontend, repository)) {
      for (const { backend, path } of backendsIn(text, repository))
        add(frontend, backend, serviceUrl(frontend), path === '/' ? [] : [path]);
    }
  }
  for (const backend of stack.services.filter((service) => mainPort(service) !== null)) {
    for (const { frontend, origin } of allowedFrontends(backend, repository)) add(frontend, backend, origin, []);
  }
  return [...calls.values()];
}

/** Services named like frontends, and the one behind the route `/`. */
export function frontendsOf({ contract }: Repository): readonly Service[] {
  const behindRoot = contract.stack.routes.find(({ prefix }) => prefix === '/')?.service;
  return contract.stack.services.filter(
    (service) => mainPort(service) !== null && (contract.isFrontend(service) || service.name === behindRoot),
  );
}

function browserVariables(frontend: Service, { contract, judged }: Repository): readonly string[] {
  const set = Object.entries({ ...frontend.envFileValues, ...frontend.env });
  const folder = contract.folderOf(frontend);
  const written = judged.flatMap(({ reference: { place, text } }) => {
    const [, name = '', value = ''] = /^(\w+)=(.*)$/s.exec(text) ?? [];
    return parent(place.file) === folder ? [[name, value] as const] : [];
  });
  return [...set, ...written].flatMap(([name, value]) => (SEEN_BY_BROWSERS.test(name) ? [value] : []));
}

function backendsIn(text: string, { contract }: Repository): readonly { readonly backend: Service; readonly path: string }[] {
  return addressesIn(text).flatMap(({ scheme, host, port, to }) => {
    const backend = contract.owner(port);
    if (!backend || (!isLocal(host) && host !== backend.host) || (scheme !== null && !/^https?$/.test(scheme))) return [];
    return [{ backend, path: /^\/[^\s"'?#]*/.exec(text.slice(to))?.[0] ?? '/' }];
  });
}

/** The origins of this stack that a backend's CORS settings allow; with `*`, that of the only frontend. */
function allowedFrontends(backend: Service, repository: Repository): readonly { readonly frontend: Service; readonly origin: string }[] {
  const { contract } = repository;
  const lists = corsListsOf(backend, repository);
  if (lists.length === 0) return [];
  const named = lists.flatMap(({ entries }) =>
    entries.flatMap(({ value }) =>
      addressesIn(value).flatMap(({ scheme, host, port }) => {
        const frontend = isLocal(host) && scheme !== null && URL.canParse(value) ? contract.owner(port) : null;
        return frontend ? [{ frontend, origin: new URL(value).origin }] : [];
      }),
    ),
  );
  const [only, ...others] = frontendsOf(repository);
  const origin = only ? serviceUrl(only) : null;
  return only && origin !== null && others.length === 0 ? [...named, { frontend: only, origin }] : named;
}

function corsListsOf(backend: Service, repository: Repository) {
  const { contract, references } = repository;
  const inFiles = references.filter(
    (one) => one.kind === 'origins' && (contract.named(one.names) ?? contract.ofFolder(one.place.file)) === backend,
  );
  const fromFiles = envFilesApplyTo(backend, repository) ? backend.envFileValues : {};
  const inConfig = Object.entries({ ...fromFiles, ...backend.env }).flatMap(([name, value]) =>
    referencesOfVariable({ name, value, from: 0 }, { places: placesOf({ path: '', text: value }), names: [] }),
  );
  return [...inFiles, ...inConfig].flatMap((one) => (one.kind === 'origins' && one.list === 'cors' ? [one] : []));
}

/**
 * An `envFile` in a service's folder applies to that service. Elsewhere it applies to the backend only if no other service with a port
 * reads it.
 */
function envFilesApplyTo(backend: Service, { contract }: Repository): boolean {
  const { root, services } = contract.stack;
  return backend.envFiles.every((file) => {
    const owner = contract.ofFolder(relative(root, file));
    if (owner) return owner === backend;
    return !services.some((other) => other !== backend && mainPort(other) !== null && other.envFiles.includes(file));
  });
}
