/** The sections on routes and troubleshooting: which address leads where, and which origins each backend must allow. */
import { mainPort, type Service, type Stack, serviceUrl } from '../../model/service.ts';
import { code, codeCell, listed, markdownTable, markdownText } from './markdown.ts';
import { named } from './services.ts';

export function routes({ routes: declared, services }: Stack): readonly string[] {
  if (declared.length === 0) return [];
  const rows = declared.map(({ prefix, service: name }) => {
    const service = services.find((one) => one.name === name);
    return [
      codeCell(`${prefix}${prefix.endsWith('/') && prefix !== '/' ? '*' : ''}`),
      markdownText(name),
      String((service && mainPort(service)) ?? 'N/A'),
      markdownText(service?.labels['status'] ?? ''),
    ];
  });
  return [
    '### Routes',
    '',
    'In development every service is reached on its own port. In production one address serves them all, and a reverse proxy or an ingress routes each prefix:',
    '',
    ...markdownTable(['Prefix', 'Service', 'Port', 'Status'], rows),
  ];
}

export function troubleshooting(stack: Stack, frontends: readonly Service[]): readonly string[] {
  const port = stack.services.flatMap((service) => mainPort(service) ?? [])[0];
  return [
    '### Troubleshooting',
    '',
    ...(port === undefined
      ? []
      : [
          `- Address already in use: \`devup ports ${port}\` says who listens there, \`devup kill ${port}\` frees it. The same works for every port.`,
        ]),
    '- A service is not ready, or not on its port: `devup status`, then `devup logs <service>`.',
    ...cors(stack, frontends),
    '- A file disagrees with this document: `devup check` names it with its line.',
    '- Anything else: `devup doctor`.',
  ];
}

function cors(stack: Stack, frontends: readonly Service[]): readonly string[] {
  return frontends.flatMap((frontend) => {
    const origin = serviceUrl(frontend);
    if (origin === null) return [];
    const called = calledBy(frontend, stack, frontends);
    const who = called.length === 0 ? 'backends' : listed(called.map(named));
    return [`- CORS: ${who} must allow ${code(origin)}${frontends.length === 1 ? '' : `, the origin of ${markdownText(frontend.name)}`}.`];
  });
}

/** The backends whose ports the frontend's variables name. If none are named and it is the only frontend: those with routes. */
function calledBy(frontend: Service, { services, routes: declared }: Stack, frontends: readonly Service[]): readonly Service[] {
  const others = services.filter((service) => !frontends.includes(service));
  const values = Object.values({ ...frontend.envFileValues, ...frontend.env });
  const matching = others.filter((service) => {
    const port = mainPort(service);
    return port !== null && values.some((value) => new RegExp(`:${port}(?!\\d)`).test(value));
  });
  if (matching.length > 0 || frontends.length > 1) return matching;
  return others.filter(({ name }) => declared.some(({ service }) => service === name));
}
