/** The scripts of a package.json, and its `proxy`. */
import type { Reference } from '../../model/drift.ts';
import { parent, scriptName } from '../contract.ts';
import { placesOf } from '../places.ts';
import { type PortSource, type SourceFile, Unreadable } from '../source.ts';
import { referencesOfCommand } from './command-line.ts';
import { parseJson, stringOf } from './json.ts';
import { mayHoldPorts } from './scan.ts';
import { targetsIn } from './targets.ts';

export const packageJson: PortSource = {
  name: 'package.json',
  matches: (path) => /(^|\/)package\.json$/.test(path),
  mayHavePorts: (text) => /"(scripts|proxy)"/.test(text) && (mayHoldPorts(text) || /\s-[pl]\s|runserver|http\.server/.test(text)),
  async read(file: SourceFile): Promise<readonly Reference[]> {
    const { root, at } = await parseJson(file);
    if (root?.type !== 'object') throw new Unreadable('is not an object', 1, 1);
    const places = placesOf(file);
    // The target to which Create React App forwards requests.
    const proxy = at(['proxy']);
    const proxied = proxy && stringOf(proxy, file);
    const scripts = (at(['scripts'])?.children ?? []).flatMap((property) => {
      const [key, value] = property.children ?? [];
      const text = value && stringOf(value, file);
      if (!key || !text) return [];
      return referencesOfCommand({ ...text, places, names: [scriptName(parent(file.path), String(key.value))] });
    });
    return [...(proxied ? targetsIn(proxied.text, proxied.from, { places }) : []), ...scripts];
  },
};
