/**
 * Object literals of JavaScript, TypeScript and JSON as text: where a property is, how it is written, and how to insert another one
 * after it in the same style.
 */
import { type SourceFile, Unreadable } from '../source.ts';
import { type Insertion, lineEnd, startOfLine } from './addition.ts';

export type ProgramNode = ReturnType<typeof import('@babel/parser').parse>['program'];
export type Expression = Of<ProgramNode['body'][number], 'ExpressionStatement'>['expression'];
type Of<N, Type> = Extract<N, { readonly type: Type }>;
export type ObjectLiteral = Of<Expression, 'ObjectExpression'>;
export type Member = ObjectLiteral['properties'][number];
type Property = Of<Member, 'ObjectProperty'>;

const PLUGINS = ['typescript'] as const;

export async function parseProgram(file: SourceFile): Promise<ProgramNode> {
  const { parse } = await import('../sources/babel.ts');
  return orUnreadable(
    () => parse(file.text, { sourceType: 'unambiguous', plugins: [...PLUGINS], allowReturnOutsideFunction: true }).program,
  );
}

/** Parses JSON as a JavaScript expression, which allows comments and trailing commas. */
export async function parseJsonLiteral(file: SourceFile): Promise<Expression> {
  const { parseExpression } = await import('../sources/babel.ts');
  return orUnreadable(() => parseExpression(file.text));
}

function orUnreadable<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    const at = (error as { readonly loc?: { readonly line: number; readonly column: number } }).loc;
    if (!(error instanceof SyntaxError) || !at) throw error;
    throw new Unreadable(`cannot be parsed (${error.message.replace(/ \(\d+:\d+\)$/, '').toLowerCase()})`, at.line, at.column + 1);
  }
}

export function keyOf(member: Member): string | null {
  if (member.type === 'SpreadElement' || member.computed) return null;
  return member.key.type === 'Identifier' ? member.key.name : member.key.type === 'StringLiteral' ? member.key.value : null;
}

export function propertyOf(literal: ObjectLiteral, name: string): Property | null {
  const found = literal.properties.find((member): member is Property => member.type === 'ObjectProperty' && keyOf(member) === name);
  return found ?? null;
}

export function sliceOf(node: { readonly start?: number | null; readonly end?: number | null }, text: string): string {
  return text.slice(node.start ?? 0, node.end ?? 0);
}

/** The blanks before a token; null if it is not the first in its line. */
export function indentBefore(text: string, from: number): string | null {
  const before = text.slice(startOfLine(text, from), from);
  return /^[ \t]*$/.test(before) ? before : null;
}

/** Inserts a property after `member`, on its own line if `member` has one, with a comma if needed. */
export function insertAfter(member: Member, within: ObjectLiteral, property: string, text: string): Insertion[] {
  const end = member.end ?? 0;
  const close = (within.end ?? 0) - 1;
  const indent = indentBefore(text, member.start ?? 0);
  const comma = commaAfter(text, end, close);
  const from = comma === null ? end : comma + 1;
  // A comment after the member belongs to it and stays there.
  const comment = /^[ \t]*(?:\/\*(?:[^*\r\n]|\*(?!\/))*\*\/[ \t]*)*(?:\/\/[^\r\n]*)?/.exec(text.slice(from, close))?.[0] ?? '';
  const at = from + comment.length;
  const alone = indent !== null && (/^\r?\n/.test(text.slice(at)) || at === close);
  if (!alone) return [{ at: end, text: `, ${property}` }];
  const line = `${lineEnd(text)}${indent}${property}`;
  return comma === null
    ? [
        { at: end, text: ',' },
        { at, text: line },
      ]
    : [{ at, text: `${line},` }];
}

/** Skips comments, which may contain commas. */
function commaAfter(text: string, from: number, to: number): number | null {
  const blank = text.slice(from, to).replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\r\n]*/g, (comment) => ' '.repeat(comment.length));
  const at = blank.search(/\S/);
  return at !== -1 && blank[at] === ',' ? from + at : null;
}

/** Uses the kind of quotes that the file uses most. */
export function quote(value: string, text: string): string {
  const single = (text.match(/'/g) ?? []).length >= (text.match(/"/g) ?? []).length;
  const json = JSON.stringify(value);
  return single ? `'${json.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'` : json;
}

/** The key, in quotes if necessary or if all other keys have them. */
export function keyText(name: string, within: ObjectLiteral, text: string): string {
  const keys = within.properties.flatMap((member) => (member.type === 'SpreadElement' ? [] : [member.key]));
  const bare = /^[A-Za-z_$][\w$]*$/.test(name) && !(keys.length > 0 && keys.every(({ type }) => type === 'StringLiteral'));
  return bare ? name : quote(name, keys.map((key) => sliceOf(key, text)).join('') || text);
}

/** The expression with `change` applied to each of its literals. */
export function mapLiterals(node: Expression, text: string, change: (literal: string) => string): string {
  const spots: { readonly from: number; readonly to: number }[] = [];
  collect(node, spots);
  let out = '';
  let last = node.start ?? 0;
  for (const { from, to } of spots.toSorted((a, b) => a.from - b.from)) {
    out += text.slice(last, from) + change(text.slice(from, to));
    last = to;
  }
  return out + text.slice(last, node.end ?? 0);
}

const LITERALS: ReadonlySet<string> = new Set(['StringLiteral', 'NumericLiteral', 'TemplateElement', 'RegExpLiteral']);

function collect(node: object, spots: { readonly from: number; readonly to: number }[]): void {
  const { type, start, end } = node as { readonly type?: string; readonly start?: number; readonly end?: number };
  if (type !== undefined && LITERALS.has(type)) spots.push({ from: start ?? 0, to: end ?? 0 });
  for (const [key, value] of Object.entries(node)) {
    // Keys are names of fields, not of services.
    if (key === 'loc' || key === 'extra' || key === 'key' || key.endsWith('Comments')) continue;
    for (const inner of Array.isArray(value) ? value : [value]) if (typeof inner === 'object' && inner !== null) collect(inner, spots);
  }
}
