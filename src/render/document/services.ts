/** The sections on services: a table for each category, the ranges, and remarks from labels. */
import { nextUndeclaredPort } from '../../model/allocation.ts';
import { isExternal, isTask, mainPort, type Service, type Stack } from '../../model/service.ts';
import { code, markdownTable, markdownText } from './markdown.ts';

export function serviceTables(stack: Stack): readonly (readonly string[])[] {
  return categories(stack).map(([title, services]) => [`### ${title}`, '', ...table(services)]);
}

/** Categories in the order of the ranges, then of the services; services without a category come last. */
function categories({ ranges, services }: Stack): readonly (readonly [string, readonly Service[]])[] {
  const names = new Set([...ranges.map(({ category }) => category), ...services.flatMap(({ category }) => category ?? [])]);
  const groups = [...names].map((name): readonly [string, readonly Service[]] => {
    const range = ranges.find(({ category }) => category === name);
    return [markdownText(range?.purpose ?? name), services.filter(({ category }) => category === name)];
  });
  const others = services.filter(({ category }) => category === null);
  return [...groups, [names.size === 0 ? 'Services' : 'Others', others] as const].filter(([, members]) => members.length > 0);
}

function table(services: readonly Service[]): readonly string[] {
  const rows = services.map((service) => [title(service), portsOf(service), markdownText(service.description ?? ''), statusOf(service)]);
  return markdownTable(['Service', 'Port', 'Description', 'Status'], rows);
}

/** The label `title`, or else the name. */
function title({ name, labels }: Service): string {
  return markdownText(labels['title'] ?? name);
}

function portsOf({ ports }: Service): string {
  return ports.map(({ name, port }, i) => (i === 0 ? String(port) : `${port} (${markdownText(name)})`)).join(', ') || 'N/A';
}

/** Labels that have their own place in the document. */
const PLACED_LABELS = new Set(['title', 'note', 'status']);

function statusOf(service: Service): string {
  const { status } = service.labels;
  const labels = Object.entries(service.labels).filter(([key]) => !PLACED_LABELS.has(key));
  return [
    ...(status === undefined ? [] : [markdownText(status)]),
    // In some configs the label `status` repeats the category.
    ...notes(service).filter((note) => note.toLowerCase() !== status?.toLowerCase()),
    ...labels.map(([key, value]) => markdownText(`${key}: ${value}`)),
  ].join(', ');
}

/** Properties of a service worth a remark, apart from its labels. */
export function notes(service: Service): readonly string[] {
  return [
    ...(isTask(service) ? ['task'] : []),
    ...(isExternal(service) ? ['external'] : []),
    ...(service.optional && service.profiles.length === 0 ? ['optional'] : []),
    ...(service.profiles.length > 0 ? [`profile ${service.profiles.map(markdownText).join(', ')}`] : []),
  ];
}

export function rangesTable(stack: Stack): readonly string[] {
  if (stack.ranges.length === 0) return [];
  const rows = stack.ranges.map((range) => [
    `${range.from}-${range.to}`,
    markdownText(range.purpose ?? range.category),
    markdownText(range.category),
    String(nextUndeclaredPort(range, stack) ?? 'none'),
  ]);
  return ['### Ranges', '', ...markdownTable(['Range', 'Purpose', 'Category', 'Next free'], rows)];
}

/** Points to `devup add`, so that the document needs no list of manual steps. */
export function adding({ ranges, services }: Stack): readonly string[] {
  const category = ranges[0]?.category ?? services.flatMap((service) => service.category ?? [])[0];
  const which = category === undefined ? '--port <port>' : '--category <category>';
  const next = ranges.length === 0 ? 'writes the port' : "takes the next free port of the category's range, and writes it";
  return [
    '### A new service',
    '',
    `${code(`devup add <service> ${which}`)} ${next} into the config and into every file that lists its siblings: package.json, .env, compose, Kubernetes, this document. \`devup check\` finds what disagrees.`,
  ];
}

/** The label `note` is too long for a table cell. */
export function remarks({ services }: Stack): readonly string[] {
  const lines = services.flatMap((service) => {
    const { note } = service.labels;
    return note === undefined ? [] : [`- ${named(service)}: ${markdownText(note)}`];
  });
  return lines.length === 0 ? [] : ['### Notes', '', ...lines];
}

/** `**backend** (8000)`. */
export function named(service: Service): string {
  const port = mainPort(service);
  return `**${markdownText(service.name)}**${port === null ? '' : ` (${port})`}`;
}
