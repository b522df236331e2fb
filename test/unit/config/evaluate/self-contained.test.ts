import fc from 'fast-check';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { isSelfContained } from '../../../../src/config/evaluate/self-contained.ts';

test.each([
  ['export default { services: {} };', true],
  [`import { defineConfig } from 'devup';\nimport { join } from 'node:path';\nexport default defineConfig({});`, true],
  [`import x from './x';\nexport default x;`, false],
  [`const x = require('./x');`, false],
  ['module.exports = {};', false],
  [`export default { command: "node -e \\"require('http')\\"" };`, true],
  ["export default { command: ['node', '-e', `require('http')`] };", true],
  ['// require is not used\nexport default { /* nor exports */ };', true],
  [`export default { log: /it's/, command: 'require' };`, false],
  [`const quote = /'/; const x = require('./x'); // '`, false],
  ["export default { command: `${require('./x')}` };", false],
  [`<!-- /*\nconst x = require('./x'); /* */`, false],
  [`const x = eval("require('./x')");`, false],
])('%j is self-contained: %j', (text, expected) => {
  expect(isSelfContained(text)).toBe(expected);
});

const parts = [
  `'require'`,
  '"require"',
  '`require`',
  "`${require('./x')}`",
  '`${`require`}`',
  `require('./x')`,
  'exports',
  `/'/`,
  '/"/',
  '/`/',
  '/[/*]/',
  'a / b',
  `'\\''`,
  '"\\\\"',
  '`\\``',
  "/* ' */ a",
  `a // '`,
  'a // `',
  'a /* // */',
  'a /* ` */',
  "'//'",
  "'/*'",
  "'*/'",
];

test('no text with a require in its code is self-contained, whatever quotes or comments surround it', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 6 }), fc.constantFrom('\n;', ';', ',\n'), (chosen, between) => {
      const text = `x = ${chosen.join(between)}`;
      if (isSelfContained(text)) expect(identifiers(text)).not.toContain('require');
      if (isSelfContained(text)) expect(identifiers(text)).not.toContain('exports');
    }),
  );
});

function identifiers(text: string): readonly string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('config.ts', text, ts.ScriptTarget.Latest, true));
  return found;
}
