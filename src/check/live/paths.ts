/** Paths at which a service answers, according to the config. */
import { type Service, serviceUrl } from '../../model/service.ts';

/** The paths of its links and HTTP readiness tests at its own address. */
export function knownPaths(service: Service): readonly string[] {
  const base = serviceUrl(service);
  const tested = service.ready.tests.flatMap((test) => (test.kind === 'http' ? [test.url] : []));
  return [...new Set([...Object.values(service.links), ...tested].filter((url) => URL.canParse(url)))].flatMap((text) => {
    const { origin, pathname, search } = new URL(text);
    return base !== null && origin === new URL(base).origin ? [`${pathname}${search}`] : [];
  });
}

/** A known path below a prefix; otherwise the prefix itself. */
export function pathBelow(prefix: string, service: Service): string {
  return knownPaths(service).find((path) => path.startsWith(prefix)) ?? prefix;
}
