/**
 * `npm run check`: every check that needs no build of devup, in under a minute. All steps run, also after one that failed, so
 * that one run shows everything to mend.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tool = (name, path) => join(root, 'node_modules', name, path);

const steps = [
  ['types', tool('tsc7', 'bin/tsc'), '-p', 'tsconfig.json'],
  ['lint and format', tool('@biomejs/biome', 'bin/biome'), 'check', '--error-on-warnings', '.'],
  ['floors', join(root, 'scripts', 'floors.mjs')],
  ['words', join(root, 'scripts', 'words.mjs')],
  ['house', join(root, 'scripts', 'house.mjs'), '--check'],
  ['dead code', tool('knip', 'bin/knip.js'), '--no-progress', '--cache'],
  ['unit tests', tool('vitest', 'vitest.mjs'), 'run', '--project', 'unit', '--reporter', 'dot'],
];

const results = steps.map(([name, ...command]) => {
  console.log(`\n— ${name}`);
  const began = performance.now();
  const { status } = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' });
  return { name, ok: status === 0, seconds: (performance.now() - began) / 1000 };
});

console.log('');
for (const { name, ok, seconds } of results)
  console.log(`${ok ? 'ok    ' : 'FAILED'}  ${name.padEnd(16)} ${seconds.toFixed(1).padStart(5)} s`);
console.log(
  `${'total'.padEnd(24)} ${results
    .reduce((sum, { seconds }) => sum + seconds, 0)
    .toFixed(1)
    .padStart(5)} s`,
);
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
