/**
 * `node scripts/reliability.mjs [--check]`: writes the two tables of docs/reliability.md. A test whose name begins with
 * `F12: ` (or `F9, F10: `) shows that row of the faults. A promise lists its rows, and other tests by their whole names.
 * `--check` writes nothing and exits 1 if the page is out of date.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from '@babel/parser';
import { FAULTS, PROMISES } from './promises.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const PAGE = join(root, 'docs', 'reliability.md');
const FOLDERS = ['test/contract', 'test/e2e', 'test/unit'];
const NUMBERED = /^(F\d+(?:, F\d+)*): /;

/** Every test: `{ file, title, bare, rows }`. `…` stands for interpolated parts; `bare` is the title without rows. */
export function allTests() {
  const found = [];
  for (const folder of FOLDERS) {
    const names = readdirSync(join(root, folder), { recursive: true }).filter((name) => /\.test\.ts$|-suite\.ts$/.test(name));
    for (const name of names.sort()) {
      const file = `${folder}/${name}`;
      for (const title of titles(readFileSync(join(root, file), 'utf8'))) {
        const rows = [...(NUMBERED.exec(title)?.[1] ?? '').matchAll(/\d+/g)].map(Number);
        found.push({ file, title, bare: title.replace(NUMBERED, ''), rows });
      }
    }
  }
  return found;
}

/** Mistakes in promises and rows, one sentence each. */
export function problems(tests = allTests()) {
  const known = new Set(tests.map(({ bare }) => bare));
  const shown = new Set(tests.flatMap(({ rows }) => rows));
  const listed = new Set(FAULTS.map(({ row }) => row));
  return [
    ...[...shown].filter((row) => !listed.has(row)).map((row) => `tests are named for F${row}, which does not exist`),
    ...FAULTS.filter(({ row, notHere }) => shown.has(row) && notHere).map(
      ({ row }) => `F${row} is marked as not shown, but tests are named for it`,
    ),
    ...PROMISES.flatMap(({ id, rows, tests: named }) => [
      ...rows.filter((row) => !listed.has(row)).map((row) => `${id} names F${row}, which does not exist`),
      ...named.filter((title) => !known.has(title)).map((title) => `${id} names a missing test: ${title}`),
      ...(named.length === 0 && !rows.some((row) => shown.has(row)) ? [`${id} is shown by no test`] : []),
    ]),
  ];
}

/** The up-to-date page. */
export function page(tests = allTests(), text = readFileSync(PAGE, 'utf8')) {
  return block(block(text, 'promises', promiseTable(tests)), 'faults', faultTable(tests));
}

function promiseTable(tests) {
  const lines = PROMISES.map(({ id, promise, rows, tests: named, limits }) => {
    const shown = rows.filter((row) => tests.some((test) => test.rows.includes(row)));
    const others = named.map((title) => {
      const test = tests.find(({ bare }) => bare === title);
      return `“${cell(title)}” (${test ? link(test.file) : 'missing'})`;
    });
    const by = [...(shown.length > 0 ? [shown.map((row) => `F${row}`).join(', ')] : []), ...others].join('; ');
    return `| ${id} | ${promise} | ${by} | ${limits} |`;
  });
  return ['| | promise | shown by | figures and known limits |', '|---|---|---|---|', ...lines].join('\n');
}

function faultTable(tests) {
  const lines = FAULTS.map(({ row, fault, must, notHere, partly }) => {
    const mine = tests.filter((test) => test.rows.includes(row)).map((test) => `${cell(test.bare)} (${link(test.file)})`);
    const missing = notHere ?? partly ?? (mine.length === 0 ? 'no test is named for it yet' : null);
    if (missing !== null) mine.push(`**not tested:** ${missing}`);
    return `| F${row} | ${fault} | ${must} | ${mine.join('<br>')} |`;
  });
  return ['| | fault | what must happen | tests |', '|---|---|---|---|', ...lines].join('\n');
}

function link(file) {
  return `[${file.replace(/^test\//, '').replace(/\.test\.ts$/, '')}](../${file})`;
}

function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

function block(text, name, content) {
  const [begin, end] = [`<!-- ${name}: made by scripts/reliability.mjs -->`, `<!-- ${name}: end -->`];
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`docs/reliability.md has no place for ${name}`);
  return `${text.slice(0, from + begin.length)}\n${content}\n${text.slice(to)}`;
}

/** The names of a file's tests: the first argument of each call of `test`, `it` or their variants. */
function titles(source) {
  const tree = parse(source, { sourceType: 'module', plugins: ['typescript'] });
  const found = [];
  visit(tree.program, (node) => {
    if (node.type !== 'CallExpression' || !isTest(node.callee)) return;
    const [name] = node.arguments;
    if (name?.type === 'StringLiteral') found.push(name.value);
    else if (name?.type === 'TemplateLiteral') found.push(name.quasis.map(({ value }) => value.cooked).join('…'));
  });
  return found;
}

/** `test`, `test.concurrent`, `test.skipIf(…)`, `test.each([…])`. */
function isTest(callee) {
  if (callee.type === 'Identifier') return callee.name === 'test' || callee.name === 'it';
  if (callee.type === 'MemberExpression') return isTest(callee.object);
  return callee.type === 'CallExpression' && isTest(callee.callee);
}

function visit(node, see) {
  if (Array.isArray(node)) for (const one of node) visit(one, see);
  else if (typeof node?.type === 'string') {
    see(node);
    for (const [key, value] of Object.entries(node)) if (key !== 'loc' && typeof value === 'object') visit(value, see);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wrong = problems();
  for (const problem of wrong) console.error(problem);
  const wanted = page();
  const differs = wanted !== readFileSync(PAGE, 'utf8');
  if (process.argv.includes('--check')) {
    if (differs) console.error('docs/reliability.md is out of date: run node scripts/reliability.mjs');
  } else if (differs) writeFileSync(PAGE, wanted);
  process.exitCode = wrong.length > 0 || (differs && process.argv.includes('--check')) ? 1 : 0;
}
