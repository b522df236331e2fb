/**
 * A config in TypeScript, JavaScript or JSON (also inside package.json): the entry is inserted after its sibling's, in the same shape.
 * Services that are computed by code have no place for an entry.
 */
import type { Service } from '../../model/service.ts';
import type { SourceFile } from '../source.ts';
import { type Addition, type Insertion, lineEnd, Uneditable } from './addition.ts';
import { adapt, type Copying, filesExist, howTaken, plainEntry, renamingOf } from './entry.ts';
import { findExport, resolveValue } from './exports.ts';
import {
  type Expression,
  indentBefore,
  insertAfter,
  keyOf,
  keyText,
  type Member,
  mapLiterals,
  type ObjectLiteral,
  parseJsonLiteral,
  parseProgram,
  propertyOf,
  quote,
  sliceOf,
} from './literals.ts';
import { renameService } from './rename.ts';
import { blankSecrets } from './secrets.ts';

export async function addToLiteral(file: SourceFile, addition: Addition): Promise<readonly Insertion[]> {
  const { text } = file;
  const services = await servicesIn(file, addition);
  const last = services.properties.at(-1);
  const odd = services.properties.find((member) => keyOf(member) === null);
  if (odd || !last) throw new Uneditable(MADE_BY_CODE, (odd ?? services).start ?? 0, snippetOf(addition, file));
  const sibling = addition.siblings.find(({ name }) => propertyOf(services, name) !== null);
  const model = sibling ? propertyOf(services, sibling.name) : null;
  const value = (model?.value ?? null) as Expression | null;
  const entry =
    sibling && value?.type === 'ObjectExpression' && value.properties.length > 0
      ? objectText(value, fieldsLike(value, { text, sibling, addition }), text)
      : plainText(addition, sibling, services, text);
  return insertAfter(model ?? last, services, `${keyText(addition.service, services, text)}: ${entry}`, text);
}

const MADE_BY_CODE = 'makes its services with code';

async function servicesIn(file: SourceFile, addition: Addition): Promise<ObjectLiteral> {
  const program = isJson(file) ? null : await parseProgram(file);
  const root = program ? findExport(program) : await parseJsonLiteral(file);
  const inPackage = /(^|\/)package\.json$/.test(file.path) && root?.type === 'ObjectExpression';
  const inner = inPackage ? (propertyOf(root, 'orchestrator')?.value as Expression | undefined) : root;
  const config = inner && resolveValue(inner, program);
  const property = config?.type === 'ObjectExpression' ? propertyOf(config, 'services') : null;
  const services = property && resolveValue(property.value as Expression, program);
  if (services?.type === 'ObjectExpression') return services;
  throw new Uneditable(MADE_BY_CODE, property?.start ?? config?.start ?? 0, snippetOf(addition, file));
}

function isJson({ path }: SourceFile): boolean {
  return /\.json$|(^|\/)\.orchestratorrc$/.test(path);
}

/** For a sibling whose entry is computed, or a service without siblings: an entry from what the config says once it is loaded. */
function plainText(addition: Addition, sibling: Service | undefined, within: ObjectLiteral, text: string): string {
  const fields = Object.entries(plainEntry(addition, sibling));
  return `{ ${fields.map(([key, value]) => fieldText(key, value, within, text)).join(', ')} }`;
}

function fieldText(key: string, value: string | number, within: ObjectLiteral, text: string): string {
  return `${keyText(key, within, text)}: ${typeof value === 'number' ? value : quote(value, text)}`;
}

function fieldsLike(literal: ObjectLiteral, copying: Copying): readonly string[] {
  const { text, sibling, addition } = copying;
  const given = plainEntry(addition, sibling);
  const set = (key: string) => (given[key] === undefined ? [] : [fieldText(key, given[key], literal, text)]);
  const present = new Set(literal.properties.map(keyOf));
  const own = new Set(
    ['port', 'ports', 'cwd', 'command', 'category', 'description'].filter(
      (key) => !(key === 'cwd' || key === 'command') || addition[key] !== null,
    ),
  );
  const fields = literal.properties.flatMap((member): readonly string[] => {
    const key = keyOf(member);
    if (member.type === 'SpreadElement') return [sliceOf(member, text)];
    const how = key === null ? null : howTaken(key);
    if (key === null || how === null) return [];
    if (own.has(key)) return key === 'ports' && present.has('port') ? [] : set(key === 'ports' ? 'port' : key);
    return how === 'same' ? [sliceOf(member, text)] : copyField(key, member, copying);
  });
  const missing = [...own].filter((key) => key !== 'ports' && !present.has(key) && !(key === 'port' && present.has('ports')));
  return [...(missing.includes('port') ? set('port') : []), ...fields, ...missing.filter((key) => key !== 'port').flatMap(set)];
}

function copyField(key: string, member: Member, { text, sibling, addition }: Copying): readonly string[] {
  if (member.type !== 'ObjectProperty') return [];
  const value = member.value as Expression;
  const renaming = renamingOf(sibling, addition);
  const change = (literal: string) => adapt(literal, renaming);
  if (key === 'env' && value.type === 'ObjectExpression') {
    const kept = value.properties.flatMap((one) => copyVariable(one, text, (literal) => renameService(literal, renaming)));
    return kept.length === 0 ? [] : [`${sliceOf(member.key, text)}: ${objectText(value, kept, text)}`];
  }
  const changed = mapLiterals(value, text, change);
  if (key === 'envFile' && !filesExist(changed, addition)) return [];
  return [member.shorthand ? sliceOf(member, text) : `${sliceOf(member.key, text)}: ${changed}`];
}

/** Copies a variable of the sibling, unless its value is a secret. A mere reference to one may be copied. */
function copyVariable(member: Member, text: string, change: (literal: string) => string): readonly string[] {
  if (member.type !== 'ObjectProperty' || member.shorthand) return [sliceOf(member, text)];
  const value = mapLiterals(member.value as Expression, text, change);
  const name = change(sliceOf(member.key, text));
  return blankSecrets(`${name}: ${value}`) === `${name}: ${value}` ? [`${name}: ${value}`] : [];
}

/** An object in the shape of another one: on one line or several, with or without a trailing comma. */
function objectText(like: ObjectLiteral, members: readonly string[], text: string): string {
  const [first] = like.properties;
  const last = like.properties.at(-1);
  const inner = first ? indentBefore(text, first.start ?? 0) : null;
  const tail = text.slice(last?.end ?? 0, (like.end ?? 1) - 1);
  if (inner === null) {
    const gap = text[(like.start ?? 0) + 1] === ' ' ? ' ' : '';
    return `{${gap}${members.join(', ')}${gap}}`;
  }
  const end = lineEnd(text);
  const outer = /(?:^|\n)([ \t]*)$/.exec(text.slice(0, (like.end ?? 1) - 1))?.[1] ?? '';
  return `{${end}${members.map((one) => inner + one).join(`,${end}`)}${/^\s*,/.test(tail) ? ',' : ''}${end}${outer}}`;
}

function snippetOf(addition: Addition, file: SourceFile): string {
  const fields = Object.entries(plainEntry(addition));
  if (isJson(file))
    return `${JSON.stringify(addition.service)}: ${JSON.stringify(Object.fromEntries(fields)).replaceAll(/([{:,])(?=")/g, '$1 ')}`;
  const name = /^[A-Za-z_$][\w$]*$/.test(addition.service) ? addition.service : quote(addition.service, file.text);
  return `${name}: { ${fields.map(([key, value]) => `${key}: ${typeof value === 'number' ? value : quote(value, file.text)}`).join(', ')} },`;
}
