/**
 * Maps of variables that several services read (the data of a ConfigMap, the environment of a compose service). An entry that names a
 * sibling and contains its port (`AUTH_URL: http://auth:4001`) is copied for the new service.
 */
import type { Yaml } from '../sources/yaml.ts';
import type { Addition, Insertion } from './addition.ts';
import { renamingOf } from './entry.ts';
import { renamed, withName, withPort } from './rename.ts';
import { withSecretsBlanked } from './secrets.ts';
import { behindBlock, blockOf } from './yaml-blocks.ts';

export function variablesIn(map: Yaml, text: string, addition: Addition): readonly Insertion[] {
  const entries = map.entries();
  for (const sibling of addition.siblings) {
    const renaming = renamingOf(sibling, addition);
    const fresh = entries.flatMap((entry) => {
      const name = withName(entry.text, sibling.name, addition.service);
      const block = blockOf(entry, map, text);
      if (!block || name === entry.text || entries.some((other) => other.text === name)) return [];
      if (withPort(block.text, renaming) === block.text) return [];
      const copy = renamed(block.text, renaming);
      return withSecretsBlanked(copy) === copy ? [behindBlock(block, copy, text)] : [];
    });
    if (fresh.length > 0) return fresh;
  }
  return [];
}
