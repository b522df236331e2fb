/** Procfile, Procfile.dev: `name: command`. */
import { placesOf } from '../places.ts';
import type { PortSource } from '../source.ts';
import { referencesOfCommand } from './command-line.ts';

export const procfile: PortSource = {
  name: 'Procfile',
  matches: (path) => /(^|\/)Procfile(\.\w+)?$/.test(path),
  read(file) {
    const places = placesOf(file);
    return [...file.text.matchAll(/^([\w-]+):[ \t]*(.*)$/gm)].flatMap((match) => {
      const [whole, name = '', text = ''] = match;
      return referencesOfCommand({ text, from: match.index + whole.length - text.length, places, names: [name] });
    });
  },
};
