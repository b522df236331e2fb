/**
 * `node scripts/words.mjs [root]` checks the language of docs/glossary.md, as far as a machine can: replaced words do not come
 * back, names are nouns or verbs, a comment begins with its subject, an exported name has one meaning, and the glossary stays
 * short.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { filesUnder } from './inputs.mjs';

/** A word that is no longer used → its replacement. */
const REPLACED = {
  arrival: 'listener',
  arrivals: 'listeners',
  dependant: 'dependent',
  dependants: 'dependents',
  glance: 'poll',
  glances: 'polls',
  heir: 'successor',
  heirs: 'successors',
  kin: 'the like',
  lend: 'take a buffer, or hand over',
  lending: 'taking a buffer, or handing over',
  lends: 'takes a buffer, or hands over',
  lent: 'pooled',
  quarry: 'target set',
  quarries: 'target sets',
  stirred: 'has changed',
  wellat: 'a name for the time',
};
/** Not allowed as names of files or exports. */
const NO_NAMES = new Set(['again', 'alone', 'elsewhere', 'kept', 'late', 'lost', 'quick']);
const MOST_WORDS = 40;

/** The public API: nothing in src imports it, so its names meet no others. */
const PUBLIC = 'src/index.ts';
const FOLDERS = ['src', 'test', 'scripts', 'bench', 'docs'];
const TEXT = /\.([cm]?[jt]s|md|py|sh|json)$/;
const CODE = /\.[cm]?[jt]s$/;
/** These files list the words. */
const EXEMPT = new Set(['scripts/words.mjs', 'test/unit/tooling/words.test.ts']);
const EXPORTED = /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|const|let|class|interface|type) (\w+)/;
const BEGINS_ILL = /(?:^|\s)(?:\/\*\*?|\/\/)\s+(?:Of|Whoever|Who|Whose|What)\s/;

const root = resolve(process.argv[2] ?? join(import.meta.dirname, '..'));
const exportedBy = new Map();
const problems = [];
for (const folder of FOLDERS.filter((name) => existsSync(join(root, name))))
  for (const path of filesUnder(join(root, folder))) {
    const file = relative(root, path).replaceAll('\\', '/');
    if (TEXT.test(file) && !EXEMPT.has(file)) read(file, readFileSync(path, 'utf8').split('\n'));
  }
for (const [name, files] of exportedBy) if (files.size > 1) problems.push(`${[...files].join(', ')}: each exports another "${name}"`);
const terms = readFileSync(join(root, 'docs', 'glossary.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| (?!word |-)/.test(line)).length;
if (terms > MOST_WORDS) problems.push(`docs/glossary.md: ${terms} words, at most ${MOST_WORDS}`);

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(`${terms} words, each with one meaning`);

function read(file, lines) {
  const stem = basename(file).replace(/\..*$/, '');
  if (NO_NAMES.has(stem)) problems.push(`${file}: "${stem}" is not the name of a thing`);
  lines.forEach((line, index) => {
    const report = (text) => problems.push(`${file}:${index + 1}: ${text}`);
    for (const word of wordsOf(line)) if (Object.hasOwn(REPLACED, word)) report(`"${word}": say ${REPLACED[word]}`);
    if (!CODE.test(file)) return;
    const name = EXPORTED.exec(line)?.[1];
    if (name !== undefined && NO_NAMES.has(name.toLowerCase())) report(`"${name}" is not the name of a thing`);
    if (name !== undefined && file.startsWith('src/') && file !== PUBLIC)
      exportedBy.set(name, (exportedBy.get(name) ?? new Set()).add(file));
    if (beginsIll(lines, index)) report('a comment begins with its subject');
  });
}

/** The words of a line, and the parts of its names, as `buffer` in `bufferOf`. */
function wordsOf(line) {
  const names = line.match(/[A-Za-z]+/g) ?? [];
  const words = names.flatMap((name) => [name, ...name.split(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/)]);
  return new Set(words.map((word) => word.toLowerCase()));
}

/** A comment's first words may stand below its `/**`; a line of `//` may go on from the one before. */
function beginsIll(lines, index) {
  const [before = '', line] = [lines[index - 1], lines[index]];
  if (/^\s*\/\//.test(line) && /^\s*\/\//.test(before)) return false;
  return BEGINS_ILL.test(line) || (/^\s*\/\*\*?\s*$/.test(before) && /^\s*\*\s+(?:Of|Whoever|Who|Whose|What)\s/.test(line));
}
