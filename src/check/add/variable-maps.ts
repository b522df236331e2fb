/**
 * Maps of variables that several services read (the data of a ConfigMap, the environment of a compose service). An entry that names a
 * sibling and contains its port (`AUTH_URL: http://auth:4001`) is copied for the new service.
 */
import type { Yaml } from '../sources/yaml.ts';
import type { Addition, Insertion } from './addition.ts';
import { renamingOf } from './entry.ts';
import { renameService, replaceName, replacePort } from './rename.ts';
import { blankSecrets } from './secrets.ts';
import { blockOf, insertAfterBlock } from './yaml-blocks.ts';

export function variablesIn(map: Yaml, text: string, addition: Addition): readonly Insertion[] {
  const entries = map.entries();
  for (const sibling of addition.siblings) {
    const renaming = renamingOf(sibling, addition);
    const fresh = entries.flatMap((entry) => {
      const name = replaceName(entry.text, sibling.name, addition.service);
      const block = blockOf(entry, map, text);
      if (!block || name === entry.text || entries.some((other) => other.text === name)) return [];
      if (replacePort(block.text, renaming) === block.text) return [];
      const copy = renameService(block.text, renaming);
      return blankSecrets(copy) === copy ? [insertAfterBlock(block, copy, text)] : [];
    });
    if (fresh.length > 0) return fresh;
  }
  return [];
}
