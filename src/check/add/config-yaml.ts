/** A config in YAML: fields of the sibling's entry are copied as written, comments included. */
import type { SourceFile } from '../source.ts';
import { type Entry, parseYamlNodes, type Yaml } from '../sources/yaml.ts';
import { type Addition, type Insertion, lineEnd, Uneditable } from './addition.ts';
import { adapt, type Copying, filesExist, howTaken, plainEntry, renamingOf } from './entry.ts';
import { renameService } from './rename.ts';
import { blankSecrets } from './secrets.ts';
import { type Block, blockOf, indentOf, insertAfterBlock, withoutAnchors } from './yaml-blocks.ts';

export function addToYaml(file: SourceFile, addition: Addition): readonly Insertion[] {
  const { text } = file;
  const [root] = parseYamlNodes(file);
  const services = root?.get('services');
  const entries = services?.entries() ?? [];
  const sibling = addition.siblings.find(({ name }) => entries.some((entry) => entry.text === name));
  const model = entries.find((entry) => entry.text === sibling?.name);
  const place = model ?? entries.at(-1);
  const block = services && place && blockOf(place, services, text);
  if (!block) throw new Uneditable('has its services elsewhere', place?.from ?? 0, snippetOf(addition));
  const copied = model && sibling && model.value.isMap ? fieldsLike(model.value, { text, sibling, addition }) : null;
  const fields = copied ?? Object.entries(plainEntry(addition, sibling)).map(([key, value]) => fieldText(key, value));
  const entry = { name: addition.service, fields, model: copied && model ? model.value : null };
  return [insertAfterBlock(block, entryText(entry, block, text), text)];
}

/** The fields as written, without their indentation; null if one of them cannot be copied. */
function fieldsLike(map: Yaml, copying: Copying): readonly string[] | null {
  const { text, sibling, addition } = copying;
  const given = plainEntry(addition, sibling);
  const entries = map.entries();
  const set = (key: string) => (given[key] === undefined ? [] : [fieldText(key, given[key])]);
  const has = (key: string) => entries.some((entry) => entry.text === key);
  const fields: string[] = has('port') || has('ports') ? [] : [...set('port')];
  const merge = /^[ \t]*<<:.*$/m.exec(text.slice(...(map.range ?? [0, 0])))?.[0].trim();
  if (merge) fields.push(merge);
  for (const entry of entries) {
    const key = entry.text;
    const how = howTaken(key);
    const block = blockOf(entry, map, text);
    if (!block) {
      // Merged fields are not copied: the copied `<<` merges them again.
      if (merge) continue;
      return null;
    }
    if (how === null) continue;
    const isGiven = (key === 'command' && addition.command !== null) || (key === 'cwd' && addition.cwd !== null);
    if (how === 'set' || isGiven) fields.push(...(key === 'ports' && has('port') ? [] : set(key === 'ports' ? 'port' : key)));
    else fields.push(...copyField(entry, block, how, copying));
  }
  const missing = ['cwd', 'command', 'category', 'description'].filter(
    (key) => !has(key) && (key === 'category' || addition[key as 'cwd' | 'command' | 'description'] !== null),
  );
  return [...fields, ...missing.flatMap(set)];
}

function copyField(entry: Entry, block: Block, how: 'renamed' | 'same', { sibling, addition }: Copying): readonly string[] {
  const written = withoutAnchors(block.text.slice(block.flow ? 0 : block.indent.length).trimEnd());
  if (how === 'same') return [written];
  const renaming = renamingOf(sibling, addition);
  if (entry.text !== 'env') {
    const changed = adapt(written, renaming);
    return entry.text === 'envFile' && !filesExist(`"${changed.replace(/^envFile:\s*["']?|["']$/g, '')}"`, addition) ? [] : [changed];
  }
  const lines = renameService(written, renaming).split('\n');
  const kept = lines.filter((line, i) => i === 0 || blankSecrets(line) === line);
  return kept.length === 1 && lines.length > 1 ? [] : [blankSecrets(kept.join('\n').trimEnd())];
}

interface NewEntry {
  readonly name: string;
  readonly fields: readonly string[];
  /** The value of the entry whose fields were copied. */
  readonly model: Yaml | null;
}

/** The text of the new entry, indented like `block`. */
function entryText({ name, fields, model }: NewEntry, block: Block, text: string): string {
  const end = lineEnd(text);
  const key = keyText(name);
  const isFlow = model?.range ? text[model.range[0]] === '{' : block.flow;
  if (isFlow) return `${block.flow ? '' : block.indent}${key}: { ${fields.join(', ')} }`;
  const inner = model?.range ? indentOf(text, model.range[0]) : `${block.indent}  `;
  return `${block.indent}${key}:${end}${fields.map((field) => inner + field + end).join('')}`;
}

/** A plain key may contain `:` and `/`, but not begin with `@`. */
function keyText(name: string): string {
  return isPlain(name.replaceAll(':', '-')) || /^[\w-]+$/.test(name) ? name : JSON.stringify(name);
}

function fieldText(key: string, value: string | number): string {
  return `${key}: ${typeof value === 'number' || isPlain(value) ? value : JSON.stringify(value)}`;
}

/** Whether YAML reads the value as a string without quotes in any position. */
function isPlain(value: string): boolean {
  return /^[A-Za-z./][\w ./@%+=-]*$/.test(value) && !/^(true|false|null|yes|no|on|off|y|n|~)$/i.test(value) && !/\s$/.test(value);
}

function snippetOf(addition: Addition): string {
  return `${keyText(addition.service)}:\n${Object.entries(plainEntry(addition))
    .map(([key, value]) => `  ${fieldText(key, value)}\n`)
    .join('')}`.trimEnd();
}
