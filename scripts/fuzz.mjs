/**
 * `npm run fuzz -- --minutes N [--runs R] [--seed S] [vitest's filters]`: runs the properties of the unit tests with many more
 * cases than for a commit, each round with another seed, until the time is over. Each round prints its seed; `--seed` starts
 * with it. A failure ends the run; fast-check prints the smallest case.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '10' },
    runs: { type: 'string', default: '5000' },
    seed: { type: 'string' },
  },
});
const minutes = Number(values.minutes);
const runs = Number(values.runs);
let seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
if (!(minutes > 0) || !Number.isSafeInteger(runs) || runs < 1 || !Number.isSafeInteger(seed)) {
  console.error('usage: npm run fuzz -- --minutes N [--runs R] [--seed S] [file…]');
  process.exit(2);
}

const files = positionals.length > 0 ? positionals : filesWithProperties();
const deadline = performance.now() + minutes * 60_000;
let rounds = 0;
let status = 0;
do {
  console.log(`fuzz: round ${rounds + 1}, ${runs} cases a property at least, seed ${seed}`);
  ({ status } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      '--project',
      'unit',
      // The properties themselves are replaced then, in each file anew.
      '--isolate',
      '--reporter',
      'dot',
      '--hookTimeout',
      '120000',
      '--testTimeout',
      '600000',
      ...files,
    ],
    { cwd: root, stdio: 'inherit', env: { ...process.env, FC_NUM_RUNS: String(runs), FC_SEED: String(seed) } },
  ));
  rounds++;
  if (status === 0) seed = (seed + 1) % 2 ** 31;
} while (status === 0 && performance.now() < deadline);
console.log(status === 0 ? `fuzz: ${rounds} rounds, nothing found` : `fuzz: found something in round ${rounds}: --seed ${seed}`);
process.exitCode = status ?? 1;

function filesWithProperties() {
  const folder = join(root, 'test', 'unit');
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.test.ts') && readFileSync(join(folder, name), 'utf8').includes("from 'fast-check'"))
    .map((name) => join('test', 'unit', name));
}
