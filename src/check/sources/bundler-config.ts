/**
 * Configs of Vite and similar bundlers, and of Next. They are parsed, never run. A value that is not a literal (also behind `||` or
 * `??`) is reported as not static.
 */
import type { PortReference, Reference } from '../../model/drift.ts';
import { parsePort } from '../../model/port.ts';
import { type Places, placesOf } from '../places.ts';
import { type PortSource, type SourceFile, Unreadable } from '../source.ts';
import { addressesIn } from './scan.ts';

type Expression = ReturnType<typeof import('@babel/parser').parseExpression>;
type Of<N, Type> = Extract<N, { readonly type: Type }>;
type Property = Of<Of<Expression, 'ObjectExpression'>['properties'][number], 'ObjectProperty'>;
type Node = Property | Property['value'] | Property['key'] | Of<Expression, 'TemplateLiteral'>['quasis'][number];

export const bundlerConfig: PortSource = {
  name: 'vite and next configs',
  matches: (path) => /(^|\/)(vite|vitest|next|nuxt|astro|svelte|webpack|rsbuild|remix|vue)\.config(\.\w+)?\.[cm]?[jt]s$/.test(path),
  mayHavePorts: (text) => /\bport\b|:\d{2,5}|\bserver\b/i.test(text),
  async read(file) {
    const program = await parse(file);
    const places = placesOf(file);
    const found: Reference[] = [];
    const constants = constantsOf(program);
    visit(program, (node) => {
      if (node.type === 'ObjectProperty' && node.value.type === 'ObjectExpression')
        found.push(...serverReferences(keyOf(node), node.value, { file, places, constants }));
      if (node.type === 'StringLiteral')
        found.push(...targetReferences(file.text.slice((node.start ?? 0) + 1, (node.end ?? 0) - 1), (node.start ?? 0) + 1, places));
      if (node.type === 'TemplateElement')
        found.push(...targetReferences(file.text.slice(node.start ?? 0, node.end ?? 0), node.start ?? 0, places));
    });
    return found;
  },
};

async function parse(file: SourceFile): Promise<object> {
  const babel = await import('./babel.ts');
  try {
    return babel.parse(file.text, { sourceType: 'unambiguous', plugins: ['typescript'], allowReturnOutsideFunction: true }).program;
  } catch (error) {
    const at = (error as { readonly loc?: { readonly line: number; readonly column: number } }).loc;
    if (!(error instanceof SyntaxError) || !at) throw error;
    throw new Unreadable(`is not valid JavaScript (${error.message.replace(/ \(\d+:\d+\)$/, '').toLowerCase()})`, at.line, at.column + 1);
  }
}

/** The ports and hosts in `server`, `preview` and `devServer`, on which the program listens. */
function serverReferences(
  name: string | null,
  block: Extract<Node, { type: 'ObjectExpression' }>,
  { file, places, constants }: Reading,
): readonly Reference[] {
  if (name !== 'server' && name !== 'preview' && name !== 'devServer' && name !== 'hmr') return [];
  const properties = new Map(block.properties.flatMap((one) => (one.type === 'ObjectProperty' ? [[keyOf(one), one.value] as const] : [])));
  const host = name === 'server' || name === 'devServer' ? hostReferences(properties.get('host'), places) : [];
  const port = properties.get('port') ?? properties.get('clientPort');
  if (!port) return host;
  const literal = numberIn(port, constants);
  const place = placeOf(literal ?? port, places);
  const text = file.text.slice(port.start ?? 0, port.end ?? 0);
  if (!literal) return [{ kind: 'unresolved', place, text, why: 'not-static' }, ...host];
  // Numbers may also be written as `3_000` or `0xbb8`.
  const number = parsePort(literal.type === 'NumericLiteral' ? String(literal.value) : file.text.slice(place.from, place.to));
  if (number === null) return host;
  const listens: PortReference = { kind: 'port', use: 'listen', place, port: number, host: null, names: [], text: `${name}.port: ${text}` };
  // A build's preview and the hot-reload socket may have other ports than the config's server.
  if (name === 'devServer') return [listens, ...host];
  // Tests have their own server.
  if (name !== 'server' || /(^|\/)vitest\.config/.test(file.path)) return [{ ...listens, loose: true }, ...host];
  const strict = properties.get('strictPort');
  if (/(^|\/)(next|nuxt|webpack)\.config/.test(file.path)) return [listens, ...host];
  return [
    listens,
    ...host,
    {
      kind: 'setting',
      setting: 'strictPort',
      value: strict?.type === 'BooleanLiteral' ? strict.value : strict ? true : null,
      place: placeOf(strict ?? literal, places),
      names: [],
    },
  ];
}

function targetReferences(text: string, from: number, places: Places): readonly PortReference[] {
  return addressesIn(text).map((address) => ({
    kind: 'port',
    use: 'target',
    place: places(from + address.from, from + address.to),
    port: address.port,
    host: address.host,
    names: [],
    text,
  }));
}

/** `true` means all addresses. */
function hostReferences(node: Node | undefined, places: Places): readonly Reference[] {
  if (node?.type === 'BooleanLiteral' && node.value) return [{ kind: 'host', host: '0.0.0.0', place: placeOf(node, places) }];
  return node?.type === 'StringLiteral' ? [{ kind: 'host', host: node.value, place: placeOf(node, places) }] : [];
}

/** `const PORT = 5000` anywhere in the file; a name that is declared twice is ignored. */
function constantsOf(program: object): Constants {
  const found = new Map<string, Node | null>();
  visit(program, (node) => {
    const { type, id, init } = node as object as { readonly type: string; readonly id: Node; readonly init: Node | null };
    if (type !== 'VariableDeclarator') return;
    if (id.type === 'Identifier') found.set(id.name, found.has(id.name) ? null : init);
  });
  return found;
}

type Constants = ReadonlyMap<string, Node | null>;

interface Reading {
  readonly file: SourceFile;
  readonly places: Places;
  readonly constants: Constants;
}

/** `5000`, `'5000'`, `Number(process.env.PORT) || 5000`, `env.PORT ?? 5000`, `env.PORT ? +env.PORT : 5000`, a constant. */
function numberIn(node: Node, constants: Constants): Node | null {
  if (node.type === 'NumericLiteral') return node;
  if (node.type === 'Identifier') {
    const given = constants.get(node.name);
    // The empty map stops the recursion at a constant that refers to itself.
    return given ? stringOrNumberIn(given, new Map()) : null;
  }
  if (node.type === 'ConditionalExpression')
    return stringOrNumberIn(node.alternate, constants) ?? stringOrNumberIn(node.consequent, constants);
  if (node.type === 'UnaryExpression' && node.operator === '+') return stringOrNumberIn(node.argument, constants);
  if (node.type === 'LogicalExpression' && (node.operator === '||' || node.operator === '??'))
    return stringOrNumberIn(node.right, constants);
  if (node.type === 'CallExpression' && /^(Number|parseInt)$/.test(node.callee.type === 'Identifier' ? node.callee.name : '')) {
    const [first] = node.arguments;
    return first && first.type !== 'ArgumentPlaceholder' && first.type !== 'SpreadElement' ? stringOrNumberIn(first, constants) : null;
  }
  if (node.type === 'TSAsExpression' || node.type === 'ParenthesizedExpression') return numberIn(node.expression, constants);
  return null;
}

function stringOrNumberIn(node: Node, constants: Constants): Node | null {
  return node.type === 'StringLiteral' && /^\d+$/.test(node.value) ? node : numberIn(node, constants);
}

function placeOf(node: Node, places: Places) {
  const quote = node.type === 'StringLiteral' ? 1 : 0;
  return places((node.start ?? 0) + quote, (node.end ?? 0) - quote);
}

function keyOf(property: Extract<Node, { type: 'ObjectProperty' }>): string | null {
  return property.key.type === 'Identifier' ? property.key.name : property.key.type === 'StringLiteral' ? property.key.value : null;
}

function visit(node: object, callback: (node: Node) => void): void {
  if (isNode(node)) callback(node);
  for (const [key, value] of Object.entries(node)) {
    if (key === 'loc' || key === 'extra' || key.endsWith('Comments') || typeof value !== 'object' || value === null) continue;
    for (const inner of Array.isArray(value) ? value : [value]) if (isNode(inner)) visit(inner, callback);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as { readonly type?: unknown }).type === 'string';
}
