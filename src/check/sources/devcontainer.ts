/** devcontainer.json: the ports that an editor forwards to the developer's machine. */
import type { Node } from 'jsonc-parser';
import type { PortReference } from '../../model/drift.ts';
import { parsePort } from '../../model/port.ts';
import { placesOf } from '../places.ts';
import type { PortSource } from '../source.ts';
import { parseJson, stringOf } from './json.ts';
import { referencesOfVariable } from './variables.ts';

export const devcontainer: PortSource = {
  name: 'devcontainer.json',
  matches: (path) => /(^|\/)\.?devcontainer\.json$/.test(path),
  mayHavePorts: (text) => /forwardPorts|appPort|portsAttributes|runArgs|(container|remote)Env/.test(text),
  async read(file) {
    const places = placesOf(file);
    const { at } = await parseJson(file);
    const label = (port: string) => at(['portsAttributes', port, 'label'])?.value as unknown;
    const portReferences = (node: Node, from: number, written: string): readonly PortReference[] => {
      const match = /^(?:(.*):)?(\d+)$/.exec(written);
      const port = parsePort(match?.[2] ?? '');
      if (!match || port === null) return [];
      const title = label(written);
      const to = from + written.length;
      const names = [match[1], typeof title === 'string' ? title : undefined].filter((name) => name !== undefined) as string[];
      const text = file.text.slice(node.offset, node.offset + node.length);
      return [{ kind: 'port', use: 'publish', place: places(to - String(port).length, to), port, host: match[1] ?? null, names, text }];
    };
    const listed = ['forwardPorts', 'appPort'].flatMap((key) => {
      const node = at([key]);
      return node?.type === 'array' ? (node.children ?? []) : node ? [node] : [];
    });
    const attributes = (at(['portsAttributes'])?.children ?? []).flatMap(({ children }) => children?.[0] ?? []);
    const variables = ['containerEnv', 'remoteEnv'].flatMap((key) =>
      (at([key])?.children ?? []).flatMap(({ children }) => {
        const [name, node] = children ?? [];
        const given = node && stringOf(node, file);
        return name && given
          ? referencesOfVariable({ name: String(name.value), value: given.text, from: given.from }, { places, names: [] })
          : [];
      }),
    );
    const flags = at(['runArgs'])?.children ?? [];
    const mapped = [...listed, ...flags.filter((_, i) => /^(-p|--publish)$/.test(String(flags[i - 1]?.value)))].flatMap((node) => {
      // `8000:80` and `127.0.0.1:8000:80`: the developer's port comes before the container's.
      const [whole, before = '', outside = ''] = /^((?:[\d.]+:)?)(\d+):\d+$/.exec(String(node.value)) ?? [];
      return whole === undefined ? [] : portReferences(node, node.offset + 1 + before.length, outside);
    });
    const plain = [...listed, ...attributes].filter(({ value }) => !/^([\d.]+:)?\d+:\d+$/.test(String(value)));
    return [
      ...mapped,
      ...variables,
      ...plain.flatMap((node) => portReferences(node, node.offset + (node.type === 'string' ? 1 : 0), String(node.value))),
    ];
  },
};
