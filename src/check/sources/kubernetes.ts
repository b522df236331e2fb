/**
 * Kubernetes manifests: the ports of containers, of their Services (by number or by name), probes, ConfigMaps and Ingresses. A Helm
 * template is not YAML until it is rendered, so it is reported but not read.
 */
import type { PortReference, Reference } from '../../model/drift.ts';
import { parsePort } from '../../model/port.ts';
import { type Places, placesOf } from '../places.ts';
import type { PortSource } from '../source.ts';
import { referencesOfCommand } from './command-line.ts';
import { commands } from './compose.ts';
import { targetsIn } from './targets.ts';
import { referencesOfVariable, type VariableContext } from './variables.ts';
import type { Text, Yaml } from './yaml.ts';

export const kubernetes: PortSource = {
  name: 'kubernetes',
  matches: (path) => /\.ya?ml$/.test(path) && !/(^|\/)(docker-)?compose([.-][\w.-]+)?\.ya?ml$/.test(path),
  mayHavePorts: (text) => /^\s*kind:/m.test(text) && /^\s*apiVersion:/m.test(text),
  async read(file) {
    const { parseYamlNodes } = await import('./yaml.ts');
    const places = placesOf(file);
    const template = file.text.indexOf('{{');
    if (template !== -1) return [{ kind: 'unresolved', place: places(template, template + 2), text: '{{', why: 'template' }];
    const objects = parseYamlNodes(file).flatMap((root) =>
      root.get('kind').scalar()?.text === 'List' ? root.get('items').items() : [root],
    );
    const workloads = objects.flatMap(workloadOf);
    const services = objects.filter((object) => kindOf(object) === 'Service');
    const portsOf = (host: string): readonly number[] | undefined => {
      const service = services.find((one) => nameOf(one) === host.split('.')[0]);
      const ports = service
        ?.get('spec', 'ports')
        .items()
        .flatMap((port) => numberOf(port.get('port')) ?? []);
      return ports && ports.length > 0 ? ports : undefined;
    };
    const entries = workloads.flatMap(({ name }) =>
      name ? [{ name: name.text, place: places(name.from, name.from + name.text.length) }] : [],
    );
    return [
      ...workloads.flatMap((workload) => workloadReferences(workload, { places, portsOf, file })),
      ...services.flatMap((service) => serviceReferences(service, workloads, places)),
      ...objects.filter((object) => kindOf(object) === 'ConfigMap').flatMap((map) => configMapReferences(map, places, portsOf)),
      ...objects.filter((object) => kindOf(object) === 'Ingress').flatMap((ingress) => ingressReferences(ingress, places, portsOf)),
      ...(entries[0] ? [{ kind: 'listing', of: 'kubernetes', place: entries[0].place, entries } as const] : []),
    ];
  },
};

interface Workload {
  readonly name: Text | null;
  readonly labels: ReadonlyMap<string, string>;
  readonly containers: readonly Yaml[];
  /** The init containers. */
  readonly initContainers: readonly Yaml[];
}

function workloadOf(object: Yaml): readonly Workload[] {
  const kind = kindOf(object);
  const spec = object.get('spec');
  const pod = kind === 'Pod' ? object : kind === 'CronJob' ? spec.get('jobTemplate', 'spec', 'template') : spec.get('template');
  if (!/^(Pod|Deployment|StatefulSet|DaemonSet|ReplicaSet|Job|CronJob)$/.test(kind)) return [];
  const labels = new Map(
    pod
      .get('metadata', 'labels')
      .entries()
      .map(({ text, value }) => [text, value.scalar()?.text ?? '']),
  );
  return [
    {
      name: object.get('metadata', 'name').scalar(),
      labels,
      containers: pod.get('spec', 'containers').items(),
      initContainers: pod.get('spec', 'initContainers').items(),
    },
  ];
}

interface Reading {
  readonly places: Places;
  readonly portsOf: (host: string) => readonly number[] | undefined;
  readonly file: { readonly path: string; readonly text: string };
}

function workloadReferences(workload: Workload, { places, portsOf, file }: Reading): readonly Reference[] {
  return [...workload.containers, ...workload.initContainers].flatMap((container, index): readonly Reference[] => {
    const own = container.get('name').scalar()?.text;
    // A sidecar does not share the name of its pod's service.
    const names = [...(index === 0 ? namesOf(workload) : []), ...(own ? [own] : [])];
    const ports = container.get('ports').items();
    const numbers = numbersOf(ports);
    const named = { places, names };
    const context = { ...named, portsOf, own: numbers.length > 0 ? numbers : undefined, looseHosts: true };
    return [
      ...ports.flatMap((port, i) => reference(port.get('containerPort'), 'container', named, i > 0 ? { loose: true } : {})),
      ...ports.flatMap((port) => reference(port.get('hostPort'), 'publish', named, { loose: true })),
      ...['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((probe) => [
        ...['httpGet', 'tcpSocket', 'grpc'].flatMap((kind) => targetPort(container.get(probe, kind, 'port'), ports, named)),
        ...commands(container.get(probe, 'exec'), file).flatMap((text) => referencesOfCommand({ ...text, ...context })),
      ]),
      ...container
        .get('env')
        .items()
        .flatMap((variable) => {
          const [name, value] = [variable.get('name').scalar(), variable.get('value').scalar()];
          return name && value ? referencesOfVariable({ name: name.text, value: value.text, from: value.from }, context) : [];
        }),
      ...commands(container, file).flatMap((text) => referencesOfCommand({ ...text, ...context })),
    ];
  });
}

/** A probe's port or a Service's targetPort: a number, or the name of a container's port. */
function targetPort(node: Yaml, ports: readonly Yaml[], named: Named): readonly Reference[] {
  const scalar = node.scalar();
  if (!scalar) return [];
  const numbers = numbersOf(ports);
  if (parsePort(scalar.text) !== null) return reference(node, 'target', named, numbers.length > 0 ? { allowed: numbers } : {});
  if (ports.length === 0 || ports.some((port) => port.get('name').scalar()?.text === scalar.text)) return [];
  return [{ kind: 'unresolved', place: named.places(scalar.from, scalar.from + scalar.text.length), text: scalar.text, why: 'not-static' }];
}

function serviceReferences(service: Yaml, workloads: readonly Workload[], places: Places): readonly Reference[] {
  const selector = service
    .get('spec', 'selector')
    .entries()
    .map(({ text, value }) => [text, value.scalar()?.text ?? ''] as const);
  const chosen = workloads.filter(({ labels }) => selector.length > 0 && selector.every(([key, value]) => labels.get(key) === value));
  const names = [nameOf(service), ...selector.filter(([key]) => /(^|\/)(app|name|component)$/.test(key)).map(([, value]) => value)];
  const inside = chosen.flatMap(({ containers }) => containers.flatMap((container) => container.get('ports').items()));
  const numbers = numbersOf(inside);
  const named = { places, names };
  return service
    .get('spec', 'ports')
    .items()
    .flatMap((port, index): readonly Reference[] => {
      const target = port.get('targetPort');
      const loose = index > 0 || target.exists ? { loose: true } : {};
      return [
        ...reference(port.get('port'), 'publish', named, loose),
        ...(parsePort(target.scalar()?.text ?? '') === null
          ? targetPort(target, inside, named)
          : reference(target, 'container', named, {
              ...(index > 0 ? { loose: true } : {}),
              ...(numbers.length > 0 ? { allowed: numbers } : {}),
            })),
      ];
    });
}

function configMapReferences(map: Yaml, places: Places, portsOf: Reading['portsOf']): readonly Reference[] {
  const names = [nameOf(map).replace(/-?(config|configmap|env|settings|cm)$/i, '')];
  return map
    .get('data')
    .entries()
    .flatMap(({ text: name, value }) => {
      const scalar = value.scalar();
      if (!scalar) return [];
      const context = { places, names, portsOf, looseHosts: true };
      return scalar.text.includes('\n')
        ? fileReferences(scalar, context)
        : referencesOfVariable({ name, value: scalar.text, from: scalar.from }, context);
    });
}

/** A whole file in a ConfigMap: its assignments, and the addresses in its other lines. */
function fileReferences({ text, from }: Text, context: VariableContext): readonly Reference[] {
  return [...text.matchAll(/^.*$/gm)].flatMap(({ 0: line, index }) => {
    const [whole, name = '', value = ''] = /^\s*([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? [];
    if (whole !== undefined)
      return referencesOfVariable({ name, value: value.trimEnd(), from: from + index + whole.length - value.length }, context);
    return /^\s*#/.test(line) ? [] : targetsIn(line, from + index, context);
  });
}

function ingressReferences(ingress: Yaml, places: Places, portsOf: Reading['portsOf']): readonly Reference[] {
  const spec = ingress.get('spec');
  const backends = [
    spec.get('defaultBackend'),
    ...spec
      .get('rules')
      .items()
      .flatMap((rule) =>
        rule
          .get('http', 'paths')
          .items()
          .map((path) => path.get('backend')),
      ),
  ];
  return backends.flatMap((backend) => {
    const name = backend.get('service', 'name').scalar()?.text;
    const allowed = name === undefined ? undefined : portsOf(name);
    const port = backend.get('service', 'port', 'number');
    return name === undefined ? [] : reference(port, 'target', { places, names: [name] }, allowed ? { allowed } : { loose: true });
  });
}

/** The names of the object that a reference belongs to, and the places of its file. */
type Named = Pick<VariableContext, 'places' | 'names'>;

function reference(
  node: Yaml,
  use: PortReference['use'],
  { places, names }: Named,
  more: Partial<Pick<PortReference, 'loose' | 'allowed'>>,
): readonly PortReference[] {
  const scalar = node.scalar();
  const port = scalar && parsePort(scalar.text);
  if (!scalar || !port) return [];
  return [
    {
      kind: 'port',
      use,
      place: places(scalar.from, scalar.from + scalar.text.length),
      port,
      host: null,
      names,
      text: scalar.text,
      ...more,
    },
  ];
}

function namesOf({ name, labels }: Workload): readonly string[] {
  return [name?.text, labels.get('app'), labels.get('app.kubernetes.io/name')].filter((one) => one !== undefined && one !== '') as string[];
}

function numberOf(node: Yaml): number | null {
  return parsePort(node.scalar()?.text ?? '');
}

/** The ports that containers declare by number. */
function numbersOf(ports: readonly Yaml[]): readonly number[] {
  return ports.flatMap((port) => numberOf(port.get('containerPort')) ?? []);
}

function kindOf(object: Yaml): string {
  return object.get('kind').scalar()?.text ?? '';
}

function nameOf(object: Yaml): string {
  return object.get('metadata', 'name').scalar()?.text ?? '';
}
