/** Compose files: the ports that services publish, their variables, and the addresses by which they call each other. */
import type { PortReference, Reference } from '../../model/drift.ts';
import { parsePort } from '../../model/port.ts';
import { type Places, placesOf } from '../places.ts';
import type { PortSource, SourceFile } from '../source.ts';
import { referencesOfCommand } from './command-line.ts';
import { expand, UNKNOWN } from './expand.ts';
import { referencesOfVariable } from './variables.ts';
import type { Text, Yaml } from './yaml.ts';

export const compose: PortSource = {
  name: 'compose',
  matches: (path) => /(^|\/)(docker-)?compose([.-][\w.-]+)?\.ya?ml$/.test(path),
  async read(file) {
    const { parseYamlNodes } = await import('./yaml.ts');
    const places = placesOf(file);
    const [root] = parseYamlNodes(file);
    const services = (root?.get('services').entries() ?? []).map(({ text: name, from, value }) => {
      const mappings = mappingsOf(value);
      const inside = mappings.flatMap(({ container }) => (container.port === null ? [] : [container.port]));
      return { name, from, value, mappings, inside: inside.length > 0 ? inside : undefined };
    });
    const portsOf = (host: string) => services.find(({ name }) => name === host)?.inside;
    const references = services.flatMap((service) => {
      const names = namesOf(service.name, service.value);
      const context = { places, names, portsOf, own: service.inside };
      return [
        ...publishedPorts(service.mappings, names, service.value.get('build').exists, places),
        ...environmentOf(service.value.get('environment')).flatMap((variable) => referencesOfVariable(variable, context)),
        ...labelPorts(service.value.get('labels'), names, service.inside, places),
        ...commands(service.value, file).flatMap((text) => referencesOfCommand({ ...text, ...context })),
        ...commandTexts(service.value.get('healthcheck', 'test'), file).flatMap((text) =>
          referencesOfCommand({ ...text, ...context }).map((one) =>
            one.kind === 'port' && one.use === 'target' ? { ...one, names, ...(service.inside ? { allowed: service.inside } : {}) } : one,
          ),
        ),
      ];
    });
    if (services.length === 0) return references;
    const entries = services.map(({ name, from }) => ({ name, place: places(from, from + name.length) }));
    return [...references, { kind: 'listing', of: 'compose', place: (entries[0] as (typeof entries)[0]).place, entries }];
  },
};

/** The service's own name first, then the container's and the image's. */
function namesOf(name: string, service: Yaml): readonly string[] {
  const image = service.get('image').scalar()?.text;
  const program = image?.split('@')[0]?.split('/').at(-1)?.split(':')[0];
  const container = service.get('container_name').scalar()?.text;
  return [name, container, program].filter((one) => one !== undefined && one !== '') as string[];
}

interface Side {
  /** Null for a range, or if it is unknown. */
  readonly port: number | null;
  readonly ends: readonly { readonly port: number; readonly from: number; readonly to: number }[];
}

interface Mapping {
  readonly text: string;
  readonly from: number;
  readonly host: Side | null;
  readonly container: Side;
  readonly unknown: boolean;
}

const NOTHING: Side = { port: null, ends: [] };
/** `[ip:][host:]container[/protocol]`, where host and container are a port or a range. */
const SHORT = /^(?:(?:\[[^\]]*\]|\d+(?:\.\d+){3}):)?(?:([\d-]*):)?(\d+(?:-\d+)?)(?:\/\w+)?$/;

function mappingsOf(service: Yaml): readonly Mapping[] {
  const exposed = service.get('expose').items();
  return [
    ...service
      .get('ports')
      .items()
      .flatMap((item) => (item.isMap ? longMapping(item) : shortMapping(item))),
    ...exposed.flatMap((item) => shortMapping(item)).map((mapping) => ({ ...mapping, host: null })),
  ];
}

function shortMapping(item: Yaml): readonly Mapping[] {
  const scalar = item.scalar();
  if (!scalar) return [];
  const { text, at } = expand(scalar.text);
  if (text.includes(UNKNOWN)) {
    // The published port is unknown, but the container's port is not.
    const inside = /:(\d+(?:-\d+)?)(\/\w+)?$/.exec(text);
    const container = inside ? parseSide(inside[1] as string, inside.index + 1, scalar, at) : NOTHING;
    return [{ ...scalar, host: null, container, unknown: true }];
  }
  const match = SHORT.exec(text);
  if (!match) return [];
  const [, host, container = ''] = match;
  const end = text.search(/(\/\w+)?$/);
  const inside = parseSide(container, end - container.length, scalar, at);
  // `8000` alone is published at a random port.
  const outside = host ? parseSide(host, end - container.length - 1 - host.length, scalar, at) : null;
  return [{ ...scalar, host: outside, container: inside, unknown: false }];
}

function longMapping(item: Yaml): readonly Mapping[] {
  const part = (key: string): { readonly side: Side; readonly unknown: boolean; readonly scalar: Text } | null => {
    const scalar = item.get(key).scalar();
    if (!scalar) return null;
    const { text, at } = expand(scalar.text);
    return { side: /^\d+(-\d+)?$/.test(text) ? parseSide(text, 0, scalar, at) : NOTHING, unknown: text.includes(UNKNOWN), scalar };
  };
  const [published, target] = [part('published'), part('target')];
  const scalar = published?.scalar ?? target?.scalar;
  if (!scalar) return [];
  const unknown = published?.unknown === true || target?.unknown === true;
  return [{ ...scalar, host: published?.side ?? null, container: target?.side ?? NOTHING, unknown }];
}

function parseSide(text: string, start: number, scalar: Text, at: (index: number) => number): Side {
  const parts = text.split('-');
  const ends = parts.flatMap((digits, i) => {
    const port = parsePort(digits);
    const from = start + (i === 0 ? 0 : (parts[0] as string).length + 1);
    const offset = scalar.from + at(from);
    return port === null ? [] : [{ port, from: offset, to: offset + digits.length }];
  });
  return { port: ends.length === 1 ? (ends[0]?.port ?? null) : null, ends };
}

function publishedPorts(mappings: readonly Mapping[], names: readonly string[], built: boolean, places: Places): readonly Reference[] {
  return mappings.flatMap((mapping): readonly Reference[] => {
    const { text, from, host, container } = mapping;
    const references = (of: Side, use: PortReference['use'], loose: boolean): PortReference[] =>
      of.ends.map((end) => ({
        kind: 'port',
        use,
        place: places(end.from, end.to),
        port: end.port,
        host: null,
        names,
        text,
        // Only the ends of a range are known, but not which service has which port.
        ...(loose || of.ends.length > 1 ? { loose: true } : {}),
      }));
    const unknown: Reference = { kind: 'unresolved', place: places(from, from + text.length), text, why: 'variable' };
    return [
      ...(mapping.unknown ? [unknown] : []),
      ...(host ? references(host, 'publish', false) : []),
      // The port inside a ready-made image is its maker's choice.
      ...(built ? references(container, 'container', true) : []),
    ];
  });
}

/** Labels for a proxy name the container's port: `traefik.http.services.x.loadbalancer.server.port=8000`. */
function labelPorts(labels: Yaml, names: readonly string[], inside: readonly number[] | undefined, places: Places): readonly Reference[] {
  return environmentOf(labels).flatMap(({ name, value, from }): readonly Reference[] => {
    const port = /\.port$/i.test(name) ? parsePort(value) : null;
    const text = `${name}=${value}`;
    const allowed = inside ? { allowed: inside } : {};
    const place = places(from, from + value.length);
    return port === null ? [] : [{ kind: 'port', use: 'container', place, port, host: null, names, text, ...allowed }];
  });
}

/** Reads `{ NAME: value }` or `- NAME=value`. */
function environmentOf(node: Yaml): readonly { readonly name: string; readonly value: string; readonly from: number }[] {
  const pairs = node.entries().flatMap(({ text: name, value }) => {
    const scalar = value.scalar();
    return scalar ? [{ name, value: scalar.text, from: scalar.from }] : [];
  });
  const lines = node.items().flatMap((item) => {
    const scalar = item.scalar();
    const at = scalar?.text.indexOf('=') ?? -1;
    return scalar && at > 0 ? [{ name: scalar.text.slice(0, at), value: scalar.text.slice(at + 1), from: scalar.from + at + 1 }] : [];
  });
  return [...pairs, ...lines];
}

export function commands(node: Yaml, file: SourceFile): readonly Text[] {
  return ['entrypoint', 'command', 'args'].flatMap((key) => commandTexts(node.get(key), file));
}

/** A command as one text. In a list, quotes and commas become blanks, so that every character keeps its place. */
function commandTexts(node: Yaml, { text }: SourceFile): readonly Text[] {
  const scalar = node.scalar();
  if (scalar) return [scalar];
  const items = node.items();
  const first = items.at(0)?.range?.[0];
  const last = items.at(-1)?.range?.[1];
  if (first === undefined || last === undefined || last < first) return [];
  return [
    {
      text: text
        .slice(first, last)
        .replace(/["',]|^(\s*)-(?= )/gm, (found) => ' '.repeat(found.length))
        .replaceAll(/[\r\n]/g, ' '),
      from: first,
    },
  ];
}
