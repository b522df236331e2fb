/**
 * Compose files: copies the service of a sibling without what only one service can have, and the variables by which other services find
 * it.
 */
import { plainName } from '../../model/service-name.ts';
import type { PortSource, SourceFile } from '../source.ts';
import { compose as source } from '../sources/compose.ts';
import type { Entry } from '../sources/yaml.ts';
import { type Adder, type Addition, type Insertion, Uneditable } from './addition.ts';
import { adapt, renamingOf } from './entry.ts';
import { variablesIn } from './variable-maps.ts';
import { blockOf, insertAfterBlock, withoutAnchors } from './yaml-blocks.ts';

const { matches }: PortSource = source;

export const composeAdder: Adder = {
  name: 'compose',
  matches,
  async add(file, addition) {
    const { parseYamlNodes } = await import('../sources/yaml.ts');
    const [root] = parseYamlNodes(file);
    const services = root?.get('services');
    const entries = services?.entries() ?? [];
    for (const sibling of addition.siblings) {
      const model = entries.find(({ text }) => addition.contract.named([text])?.name === sibling.name);
      if (!model || !services || !root) continue;
      const renaming = renamingOf(sibling, addition);
      const block = blockOf(model, services, file.text);
      const name = copyName(model, entries, addition);
      if (!block) throw new Uneditable(`has ${model.text} where nothing can be written beside it`, model.from, `${name}: …`);
      const further = [...sibling.ports.slice(1).map(({ port }) => port), ...(await furtherPorts(model, file, renaming.from.port))];
      const copy = adapt(withoutAnchors(withoutPorts(block.text, further)), renaming);
      const body = copy.replace(/^(\s*)(["']?)[^\s:"']+\2(?=\s*:)/, (_, indent: string, quote: string) => indent + quote + name + quote);
      const own = insertAfterBlock(block, body, file.text);
      const volumes = root.get('volumes');
      const more = volumes.entries().flatMap((volume) => {
        const its = blockOf(volume, volumes, file.text);
        const text = its && adapt(its.text, renaming);
        const used = new RegExp(`(?<![\\w-])${volume.text}(?![\\w-])`).test(block.text);
        return its && text !== null && text !== its.text && used ? [insertAfterBlock(its, text, file.text)] : [];
      });
      const others = entries.filter((entry) => entry !== model);
      return { insertions: [own, ...more, ...environmentVariables(others, file.text, addition)], files: [] };
    }
    return { insertions: environmentVariables(entries, file.text, addition), files: [] };
  },
};

/** Copies entries of environment maps only; people edit lists of `NAME=value` themselves. */
function environmentVariables(services: readonly Entry[], text: string, addition: Addition): readonly Insertion[] {
  return services.flatMap(({ value }) => variablesIn(value.get('environment'), text, addition));
}

/** The new service's name in the file. Throws `Uneditable` if it is taken. */
function copyName(model: Entry, entries: readonly Entry[], addition: Addition): string {
  const name = plainName(addition.service);
  if (entries.some(({ text }) => text === name)) throw new Uneditable(`already has a service ${name}`, model.from, '');
  return name;
}

/** The ports that the service publishes besides its own, whether or not the config knows them. */
async function furtherPorts({ text: name }: Entry, file: SourceFile, own: number): Promise<readonly number[]> {
  return (await source.read(file)).flatMap((one) =>
    one.kind === 'port' && one.use === 'publish' && one.names[0] === name && one.port !== own ? [one.port] : [],
  );
}

/** Removes the items that publish a further port of the sibling, since only one service can have it. */
function withoutPorts(text: string, ports: readonly number[]): string {
  if (ports.length === 0) return text;
  const theirs = new RegExp(`(?<!\\d)(?:${ports.join('|')})(?!\\d)`);
  return text
    .replaceAll(/^([ \t]*)-[ \t]+[^\r\n]*\r?\n?(?:\1[ \t]+[^\r\n]*\r?\n?)*/gm, (item) => (theirs.test(item) ? '' : item))
    .replaceAll(/(?<=\bports:[ \t]*\[)[^[\]{}\r\n]*(?=\])/g, (items) => {
      const kept = items.split(',').filter((item) => !theirs.test(item));
      return kept.join(',').trimStart();
    });
}
