/**
 * Django settings: lists of hosts and origins, the database's port, and addresses. Only literals count, wherever they are (a call's
 * default, part of a longer list); everything else is reported as not static.
 */
import type { OriginsReference, Reference } from '../../model/drift.ts';
import { placesOf } from '../places.ts';
import type { PortSource, SourceFile } from '../source.ts';
import { targetsIn } from './targets.ts';
import { referencesOfVariable, type VariableContext } from './variables.ts';

type SyntaxNode = ReturnType<typeof import('@lezer/python').parser.parse>['topNode'];

export const django: PortSource = {
  name: 'Django settings',
  matches: (path) => /(^|\/)settings(\/\w+|[_\w]*)?\.py$/.test(path),
  mayHavePorts: (text) => /ALLOWED_HOSTS|CORS_|CSRF_TRUSTED|:\d{2,5}|PORT/.test(text),
  async read(file) {
    const { parser } = await import('@lezer/python');
    const found: Reference[] = [];
    const context = { places: placesOf(file), names: [] };
    const visit = (node: SyntaxNode): void => {
      const assigns = node.name === 'AssignStatement' || node.name === 'UpdateStatement';
      const target = assigns ? node.firstChild : null;
      const value = assigns ? node.lastChild : null;
      if (target?.name === 'VariableName' && value)
        // Pushed one by one, since a call accepts only so many arguments.
        for (const one of assignmentReferences(file.text.slice(target.from, target.to), value, file, context)) found.push(one);
      // Settings may be inside `if DEBUG:` blocks, but not inside functions or classes.
      else if (!/^(FunctionDefinition|ClassDefinition)$/.test(node.name))
        for (let child = node.firstChild; child; child = child.nextSibling) visit(child);
    };
    visit(parser.parse(file.text).topNode);
    return found;
  },
};

const LISTS =
  /^(ALLOWED_HOSTS|CSRF_TRUSTED_ORIGINS|CORS_ALLOWED_ORIGINS|CORS_ORIGIN_WHITELIST|CORS_ALLOW_ALL_ORIGINS|CORS_ORIGIN_ALLOW_ALL)$/;

function assignmentReferences(name: string, value: SyntaxNode, file: SourceFile, context: VariableContext): readonly Reference[] {
  const { places } = context;
  const text = file.text.slice(value.from, value.to);
  if (value.name === 'Boolean') return referencesOfVariable({ name, value: text, from: value.from }, context);
  const single = literal(value, file);
  if (single) return referencesOfVariable({ name, value: single.text, from: single.from }, context);
  const unknown = { kind: 'unresolved', place: places(value.from, value.to), text, why: 'not-static' } as const;
  if (name === 'DATABASES') {
    const found = [...databaseReferences(value, file, context), ...addressReferences(value, file, context)];
    return found.length === 0 && FROM_ELSEWHERE.test(text) ? [unknown] : found;
  }
  if (!LISTS.test(name)) return addressReferences(value, file, context);
  const items = children(value).filter(({ name: kind }) => !/^[[\](),]$/.test(kind) && kind !== 'Comment');
  const texts = items.map((item) => literal(item, file));
  if (!/^(Array|Tuple|Set)Expression$/.test(value.name) || texts.includes(null)) {
    return [unknown, ...addressReferences(value, file, context)];
  }
  const entries = texts.flatMap((one) => (one ? [{ value: one.text, place: places(one.from, one.from + one.text.length) }] : []));
  const list: OriginsReference['list'] = name === 'ALLOWED_HOSTS' ? 'hosts' : name.startsWith('CSRF') ? 'csrf' : 'cors';
  return [
    {
      kind: 'origins',
      list,
      place: places(value.from, value.to),
      entries,
      names: context.names,
      all: entries.some((one) => one.value === '*'),
    },
  ];
}

/** Reads `{ 'default': { 'ENGINE': …, 'PORT': '5432' } }`. */
function databaseReferences(node: SyntaxNode, file: SourceFile, context: VariableContext): readonly Reference[] {
  const inner = children(node);
  return inner.flatMap((child, i) => {
    const key = literal(child, file)?.text;
    const value = inner[i + 2];
    if (child.name !== 'String' || inner[i + 1]?.name !== ':' || !value)
      return child.name === 'DictionaryExpression' ? databaseReferences(child, file, context) : [];
    if (key !== 'PORT') return [];
    const port = numberIn(value, file);
    const engine = /ENGINE['"]\s*:\s*['"][\w.]*?(\w+)['"]/.exec(file.text.slice(node.from, node.to))?.[1] ?? 'db';
    if (!port)
      return [
        {
          kind: 'unresolved',
          place: context.places(value.from, value.to),
          text: file.text.slice(value.from, value.to),
          why: 'not-static',
        } as const,
      ];
    return referencesOfVariable({ name: 'DB_PORT', value: port.text, from: port.from }, context).map((one) =>
      one.kind === 'port' ? { ...one, names: [...one.names, engine], text: `'PORT': '${port.text}'` } : one,
    );
  });
}

/** A port, also as the default of a call: `config('DB_PORT', default=5432, cast=int)`, `int(os.environ.get('DB_PORT', '5432'))`. */
function numberIn(node: SyntaxNode, file: SourceFile): { readonly text: string; readonly from: number } | null {
  if (node.name === 'Number') return { text: file.text.slice(node.from, node.to), from: node.from };
  if (node.name !== 'CallExpression') return literal(node, file);
  const parts = node.lastChild ? children(node.lastChild) : [];
  const isNamed = (i: number) => parts[i + 1]?.name === 'AssignOp';
  const named = parts.findIndex(({ from, to }, i) => isNamed(i) && file.text.slice(from, to) === 'default');
  const [first, second] = parts.filter((_, i) => /^[(,]$/.test(parts[i - 1]?.name ?? '') && !isNamed(i));
  const value = named !== -1 ? parts[named + 2] : (second ?? (first?.name === 'CallExpression' ? first : null));
  const found = value ? numberIn(value, file) : null;
  return found && /^\d+$/.test(found.text) ? found : null;
}

/** Signs that a database's address comes from elsewhere. */
const FROM_ELSEWHERE = /\b(dj_database_url|environ|env|getenv|config)\b/;

/** The addresses in all strings of an expression; in an f-string only those that end before its first expression. */
function addressReferences(node: SyntaxNode, file: SourceFile, context: VariableContext): readonly Reference[] {
  if (node.name === 'String' || node.name === 'FormatString') return targetsIn(file.text.slice(node.from, node.to), node.from, context);
  return children(node).flatMap((child) => addressReferences(child, file, context));
}

function children(node: SyntaxNode): readonly SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) found.push(child);
  return found;
}

/** A plain string, without prefix or escapes. */
function literal(node: SyntaxNode, { text }: SourceFile): { readonly text: string; readonly from: number } | null {
  const written = text.slice(node.from, node.to);
  const match = node.name === 'String' ? /^(['"])([^\\'"\n]*)\1$/.exec(written) : null;
  return match ? { text: match[2] as string, from: node.from + 1 } : null;
}
