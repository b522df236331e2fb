/** Where on a service there is something to ask for, as the config says. */
import { type Service, serviceUrl } from '../../model/service.ts';

/** Paths of its links and of its readiness, on its own address. */
export function knownPaths(service: Service): readonly string[] {
  const base = serviceUrl(service);
  const tested = service.ready.tests.flatMap((test) => (test.kind === 'http' ? [test.url] : []));
  return [...new Set([...Object.values(service.links), ...tested].filter((url) => URL.canParse(url)))].flatMap((text) => {
    const { origin, pathname, search } = new URL(text);
    return base !== null && origin === new URL(base).origin ? [`${pathname}${search}`] : [];
  });
}

/** Something that exists below a prefix, as far as anything says so; else the prefix itself. */
export function pathBelow(prefix: string, service: Service): string {
  return knownPaths(service).find((path) => path.startsWith(prefix)) ?? prefix;
}
