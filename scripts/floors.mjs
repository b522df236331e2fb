/**
 * `node scripts/floors.mjs [root]` checks which room imports which (rules in .dependency-cruiser.cjs), and three things that
 * belong in one place. Timers are in src/machine, so that the rest can be tested with a simulated clock (and one is in
 * src/bin.ts, which loads nothing early). Only src/machine names platforms. Only src/bin.ts ends the process, so that no output
 * is lost.
 *
 * Without a TypeScript parser that it knows, dependency-cruiser reads nothing and passes. So this also fails when fewer modules
 * were read than there are files.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { cruise } from 'dependency-cruiser';
import ts from 'typescript';
import { filesUnder } from './inputs.mjs';

const home = resolve(import.meta.dirname, '..');
const root = resolve(process.argv[2] ?? home);
const { forbidden, options } = createRequire(import.meta.url)('../.dependency-cruiser.cjs');

const files = filesUnder(join(root, 'src')).filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'));
const problems = [...(await importsThatClimb()), ...files.flatMap(thingsOutOfPlace)];
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(`${files.length} modules on their floors`);

async function importsThatClimb() {
  process.chdir(root);
  const { output } = await cruise(['src'], { ...options, baseDir: root, validate: true, ruleSet: { forbidden } });
  const read = new Set(output.modules.map(({ source }) => source));
  const unread = files.map((file) => relative(root, file).replaceAll('\\', '/')).filter((file) => !read.has(file));
  return [
    ...output.summary.violations.map(({ rule, from, to, cycle, comment }) => {
      const path = cycle ? cycle.map(({ name }) => name).join(' → ') : to;
      return `${rule.name}: ${from} → ${path}${comment ? ` (${comment})` : ''}`;
    }),
    ...(unread.length > 0 ? [`modules-not-read: dependency-cruiser did not read ${unread.join(', ')}`] : []),
  ];
}

function thingsOutOfPlace(file) {
  const name = relative(root, file).replaceAll('\\', '/');
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const found = [];
  const report = (node, rule) => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
    found.push(`${rule}: ${name}:${line + 1}: ${node.getText(source).split('\n')[0]}`);
  };
  const visit = (node) => {
    if (!name.startsWith('src/machine/') && name !== 'src/bin.ts' && isTimer(node)) report(node, 'timers-only-in-machine');
    if (!name.startsWith('src/machine/') && asksForPlatform(node)) report(node, 'platforms-only-in-machine');
    if (name !== 'src/bin.ts' && isExit(node)) report(node, 'exit-only-in-bin');
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isTimer(node) {
  if (ts.isStringLiteral(node)) return /^(node:)?timers(\/promises)?$/.test(node.text) && !ts.isExpressionStatement(node.parent);
  if (ts.isPropertyAccessExpression(node)) return node.name.text === 'timeout' && node.expression.getText() === 'AbortSignal';
  return ts.isIdentifier(node) && /^set(Timeout|Interval|Immediate)$/.test(node.text) && !isMember(node);
}

/** `options.setTimeout`, `{ setTimeout: … }` and `setTimeout(…)` of a class are names; `globalThis.setTimeout` is the timer. */
function isMember(node) {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) return parent.expression.getText() !== 'globalThis';
  return (
    ts.isPropertySignature(parent) || ts.isMethodSignature(parent) || ts.isMethodDeclaration(parent) || ts.isPropertyAssignment(parent)
  );
}

/** `process.platform`, and comparisons with the name of a platform: elsewhere, code asks `Platform` for a fact. */
function asksForPlatform(node) {
  if (ts.isPropertyAccessExpression(node)) return node.getText() === 'process.platform';
  if (ts.isElementAccessExpression(node))
    return node.expression.getText() === 'process' && /^['"`]platform['"`]$/.test(node.argumentExpression.getText());
  if (ts.isVariableDeclaration(node) && ts.isObjectBindingPattern(node.name) && node.initializer?.getText() === 'process')
    return node.name.elements.some(({ name, propertyName }) => (propertyName ?? name).getText() === 'platform');
  if (ts.isBinaryExpression(node)) return /^[!=]==?$/.test(node.operatorToken.getText()) && [node.left, node.right].some(isPlatformName);
  return (ts.isSwitchStatement(node) || ts.isCaseClause(node)) && isPlatformName(node.expression);
}

function isPlatformName(node) {
  if (ts.isStringLiteralLike(node)) return ['linux', 'darwin', 'win32', 'freebsd'].includes(node.text);
  return /(^|\.)platform(\.name)?$/.test(node.getText());
}

function isExit(node) {
  return (
    ts.isPropertyAccessExpression(node) &&
    ['exit', 'reallyExit', 'abort'].includes(node.name.text) &&
    node.expression.getText() === 'process'
  );
}
