/**
 * The document on a stack's ports, written from the config: what stands between the markers of a Markdown file. Nothing in
 * it depends on the machine or the day, so that the same config always gives the same text.
 */
import { buildPlan, WHOLE_STACK } from '../model/plan.ts';
import { isExternal, isTask, mainPort, type Service, type Stack, serviceUrl } from '../model/service.ts';
import { harmless } from './text.ts';

export interface PortDocument {
  readonly stack: Stack;
  /** The config as the document calls it: relative to where people read it. */
  readonly config: string;
  /** Those that browsers open: backends must let them in. */
  readonly frontends: readonly Service[];
}

/** Markdown, line feeds only, ends with one. */
export function portDocument({ stack, config, frontends }: PortDocument): string {
  const sections = [
    [`## Ports of ${cell(stack.name)}`, '', `From \`${config}\`, by \`devup docs\`: changes here are overwritten.`],
    ...categories(stack).map(([title, services]) => [`### ${title}`, '', ...servicesTable(services)]),
    ranges(stack),
    links(stack),
    order(stack),
    routes(stack),
    troubleshooting(stack, frontends),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** In the order of the ranges, then of the services; those without a category last. */
function categories({ ranges: declared, services }: Stack): readonly (readonly [string, readonly Service[]])[] {
  const names = new Set([...declared.map(({ category }) => category), ...services.flatMap(({ category }) => category ?? [])]);
  const groups = [...names].map((name): readonly [string, readonly Service[]] => {
    const range = declared.find(({ category }) => category === name);
    return [cell(range?.purpose ?? name), services.filter(({ category }) => category === name)];
  });
  const others = services.filter(({ category }) => category === null);
  return [...groups, [names.size === 0 ? 'Services' : 'Others', others] as const].filter(([, members]) => members.length > 0);
}

function servicesTable(services: readonly Service[]): readonly string[] {
  const rows = services.map((service) => [
    cell(service.name),
    service.ports.map(({ name, port }, i) => (i === 0 ? String(port) : `${port} (${cell(name)})`)).join(', ') || 'N/A',
    cell(service.description ?? ''),
    [...notes(service), ...Object.entries(service.labels).map(([key, value]) => cell(key === 'status' ? value : `${key}: ${value}`))].join(
      ', ',
    ),
  ]);
  return markdownTable(['Service', 'Port', 'Description', 'Status'], rows);
}

function notes(service: Service): readonly string[] {
  return [
    ...(isTask(service) ? ['task'] : []),
    ...(isExternal(service) ? ['external'] : []),
    ...(service.optional ? ['optional'] : []),
    ...(service.profiles.length > 0 ? [`profile ${service.profiles.map(cell).join(', ')}`] : []),
  ];
}

function ranges({ ranges: declared }: Stack): readonly string[] {
  if (declared.length === 0) return [];
  const rows = declared.map(({ category, from, to, purpose }) => [`${from}-${to}`, cell(purpose ?? category), cell(category)]);
  return [
    '### Ranges',
    '',
    ...markdownTable(['Range', 'Purpose', 'Category'], rows),
    '',
    'The next free port of one: `devup ports --next <category>`.',
  ];
}

function links({ services }: Stack): readonly string[] {
  const lines = services.flatMap((service) => {
    const own = Object.entries(service.links).map(([name, url]) => `[${cell(name)}](${address(url)})`);
    return own.length === 0 ? [] : [`- ${cell(service.name)}: ${own.join(', ')}`];
  });
  return lines.length === 0 ? [] : ['### Links', '', ...lines];
}

function order({ services }: Stack): readonly string[] {
  const { waves } = buildPlan(services, { ...WHOLE_STACK, services: services.map(({ name }) => name) });
  const lines = waves.map((wave, i) => {
    const members = wave.map(({ service, dependencies }) => {
      const after = dependencies.map((one) => `${cell(one.service)} is ${one.condition}`).join(' and ');
      const what = [...(mainPort(service) === null ? [] : [String(mainPort(service))]), ...notes(service)].join(', ');
      return `${cell(service.name)}${what === '' ? '' : ` (${what})`}${after === '' ? '' : ` once ${after}`}`;
    });
    return `${i + 1}. ${members.join('; ')}`;
  });
  const left = services.filter(({ optional, profiles }) => optional && profiles.length === 0).map(({ name }) => name);
  const more = left.length === 0 ? '' : `; with what is optional: \`devup start ${left.map((name) => `--with ${name}`).join(' ')}\``;
  return ['### Start order', '', ...lines, '', `\`devup start\` does this${more}. Ctrl-C, or \`devup stop\`, ends all in reverse.`];
}

function routes({ routes: declared, services }: Stack): readonly string[] {
  if (declared.length === 0) return [];
  const rows = declared.map(({ prefix, service }) => {
    const port = services.flatMap((one) => (one.name === service ? (mainPort(one) ?? []) : []))[0];
    return [`\`${prefix.replaceAll('`', '')}\``, cell(service), port === undefined ? 'N/A' : String(port)];
  });
  return ['### Routes', '', ...markdownTable(['Prefix', 'Service', 'Port'], rows)];
}

function troubleshooting({ services }: Stack, frontends: readonly Service[]): readonly string[] {
  const port = services.flatMap((service) => mainPort(service) ?? [])[0];
  const origins = frontends.flatMap((service) => serviceUrl(service) ?? []);
  return [
    '### Troubleshooting',
    '',
    ...(port === undefined
      ? []
      : [`- Address already in use: \`devup ports ${port}\` says who listens there, \`devup kill ${port}\` frees it.`]),
    '- A service is not ready, or not where it should be: `devup status`, then `devup logs <service>`.',
    ...(origins.length === 0 ? [] : [`- CORS: backends must let in ${origins.map((origin) => `\`${origin}\``).join(' and ')}.`]),
    '- A file disagrees with this document: `devup check` names it with its line.',
    '- Anything else: `devup doctor`.',
  ];
}

function markdownTable(titles: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line)];
}

/** Text of the config is text in the document, and never a mark of its own. */
function cell(text: string): string {
  return harmless(text)
    .replaceAll(/[\\`*[\]|]/g, (character) => `\\${character}`)
    .replaceAll('<', '&lt;');
}

function address(url: string): string {
  return harmless(url).replaceAll(/[()<>\s]/g, (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
