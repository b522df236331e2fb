/** ASP.NET's launchSettings.json: the addresses that each profile listens on. */
import type { PortReference, Reference } from '../../model/drift.ts';
import { placesOf } from '../places.ts';
import type { PortSource } from '../source.ts';
import { parseJson, stringOf } from './json.ts';
import { addressesIn } from './scan.ts';
import { referencesOfVariable } from './variables.ts';

export const launchSettings: PortSource = {
  name: 'launchSettings.json',
  matches: (path) => /(^|\/)launchSettings\.json$/i.test(path),
  mayHavePorts: (text) => /applicationUrl|environmentVariables/.test(text),
  async read(file) {
    const places = placesOf(file);
    const { at } = await parseJson(file);
    const project = file.path.split('/').at(-3);
    return (at(['profiles'])?.children ?? []).flatMap((property): readonly Reference[] => {
      const [key, value] = property.children ?? [];
      const url = value?.children?.find(({ children }) => children?.[0]?.value === 'applicationUrl')?.children?.[1];
      const text = url && stringOf(url, file);
      if (!key) return [];
      const names = [String(key.value), ...(project === undefined ? [] : [project])];
      const set = value?.children?.find(({ children }) => children?.[0]?.value === 'environmentVariables')?.children?.[1]?.children ?? [];
      const variables = set.flatMap(({ children }) => {
        const [name, node] = children ?? [];
        const given = node && stringOf(node, file);
        return name && given
          ? referencesOfVariable({ name: String(name.value), value: given.text, from: given.from }, { places, names })
          : [];
      });
      if (!text) return variables;
      const addresses = addressesIn(text.text);
      const plain = addresses.some(({ scheme }) => scheme === 'http');
      // An https address beside an http one is not part of the contract.
      const listens = addresses
        .filter(({ scheme }) => scheme !== 'https' || !plain)
        .map(
          ({ port, host, from, to }): PortReference => ({
            kind: 'port',
            use: 'listen',
            place: places(text.from + from, text.from + to),
            port,
            host,
            names,
            text: text.text,
          }),
        );
      return [...listens, ...variables];
    });
  },
};
