/**
 * `npm run bench`: devup, its peers and the physical limit in one run on one machine, so that ratios are meaningful.
 *
 *   --quick          in two minutes: fewer rounds, smaller sizes, no slow peers
 *   --only <a,b>     these sections only
 *   --json <file>    where the result goes (default: bench/results/latest.json, or quick.json)
 *   --bin <file>     another build of devup's dist/bin.cjs
 *   --write          write the tables of a quick run into bench/README.md too, marked as such
 *
 * Every figure comes from here: a full run of all sections writes the tables into bench/README.md, between its marks.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { markdown } from './report/markdown.mjs';
import { judged } from './report/measurements.mjs';
import { writeBetweenMarks } from './report/readme.mjs';
import { buildHelpers } from './rig/helpers.mjs';
import { loadAverages, machineFacts } from './rig/machine.mjs';
import { installPeers } from './rig/peers.mjs';
import { Rig } from './rig/rig.mjs';
import { SECTIONS } from './sections/list.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    json: { type: 'string' },
    bin: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const quick = options.quick;
const chosen = options.only ? chosenSections(options.only.split(',')) : SECTIONS;

if (process.platform !== 'linux') {
  console.error('the benchmark reads /proc and runs on Linux only');
  process.exit(1);
}

const cache = join(root, 'node_modules', '.cache', 'devup-bench');
const rig = new Rig({
  helpers: buildHelpers(cache),
  peers: installPeers(cache),
  bin: resolve(options.bin ?? join(root, 'dist', 'bin.cjs')),
});
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
]) {
  process.once(signal, () => {
    rig.close();
    process.exit(code);
  });
}

try {
  const result = await measure();
  const file = resolve(options.json ?? join(root, 'bench', 'results', quick ? 'quick.json' : 'latest.json'));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, null, 1)}\n`);
  const text = markdown(result);
  process.stdout.write(`${text}\n\nresult: ${file}\n`);
  if ((!quick || options.write) && !options.only && !options.bin) writeBetweenMarks(join(root, 'bench', 'README.md'), text);
  if (result.sections.some(({ problem }) => problem)) process.exitCode = 1;
} finally {
  rig.close();
}

async function measure() {
  const machine = machineFacts();
  const sections = [];
  for (const section of chosen) sections.push(await measured(section));
  return {
    schemaVersion: 1,
    at: new Date().toISOString(),
    quick,
    devup: JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version,
    machine: { ...machine, loadAfter: loadAverages() },
    versions: rig.peers.versions,
    sections,
  };
}

/** A section that fails says why in the result; the others still run. */
async function measured({ name, title, run, bars }) {
  console.error(title);
  const loadBefore = loadAverages()[0];
  const began = Date.now();
  let samples = {};
  let problem = null;
  try {
    samples = await run({ rig, quick, say: (what) => console.error(`  ${what}`) });
  } catch (error) {
    problem = error.message;
    console.error(`  failed: ${problem}`);
    rig.sweep();
  }
  const seconds = Math.round((Date.now() - began) / 1000);
  return { name, title, seconds, loadBefore, problem, bars: bars.map((bar) => judged(bar, samples)), samples };
}

function chosenSections(names) {
  const unknown = names.filter((name) => !SECTIONS.some((section) => section.name === name));
  if (unknown.length === 0) return SECTIONS.filter(({ name }) => names.includes(name));
  console.error(`no section ${unknown.join(', ')}; there are ${SECTIONS.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
