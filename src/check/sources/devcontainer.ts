/** devcontainer.json: the ports that an editor brings to the developer's machine. */
import type { Node } from 'jsonc-parser';
import type { PortReference } from '../../model/drift.ts';
import { parsePort } from '../../model/port.ts';
import { placesOf } from '../places.ts';
import type { PortSource } from '../source.ts';
import { parseJson } from './json.ts';

export const devcontainer: PortSource = {
  name: 'devcontainer.json',
  matches: (path) => /(^|\/)\.?devcontainer\.json$/.test(path),
  mayConcern: (text) => /forwardPorts|appPort|portsAttributes/.test(text),
  async read(file) {
    const places = placesOf(file);
    const { at } = await parseJson(file);
    const label = (port: string) => at(['portsAttributes', port, 'label'])?.value as unknown;
    const ofNode = (node: Node, from: number, written: string): readonly PortReference[] => {
      const match = /^(?:(.*):)?(\d+)$/.exec(written);
      const port = parsePort(match?.[2] ?? '');
      if (!match || port === null) return [];
      const said = label(written);
      const to = from + written.length;
      const names = [match[1], typeof said === 'string' ? said : undefined].filter((name) => name !== undefined) as string[];
      const text = file.text.slice(node.offset, node.offset + node.length);
      return [{ kind: 'port', use: 'publish', place: places(to - String(port).length, to), port, host: match[1] ?? null, names, text }];
    };
    const listed = ['forwardPorts', 'appPort'].flatMap((key) => {
      const node = at([key]);
      return node?.type === 'array' ? (node.children ?? []) : node ? [node] : [];
    });
    const attributes = (at(['portsAttributes'])?.children ?? []).flatMap(({ children }) => children?.[0] ?? []);
    return [...listed, ...attributes].flatMap((node) => ofNode(node, node.offset + (node.type === 'string' ? 1 : 0), String(node.value)));
  },
};
