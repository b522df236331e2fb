/**
 * A TypeScript config of 20 services in a process that only finds and loads it: cached, and for the first time. Beside it, the
 * same as a whole command. The process for the first is built from devup's sources as the commands are, and also runs from
 * cached code.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildCompiled } from '../../scripts/build.mjs';
import { stackOf } from '../rig/lifetime.mjs';
import { interleaved } from '../rig/statistics.mjs';
import { writeDevupConfig } from '../runners/devup.mjs';

const STRIPS_TYPES = process.features.typescript !== undefined && process.features.typescript !== false;

export const config = {
  name: 'config',
  title: 'A TypeScript config of 20 services',
  async run({ rig, quick }) {
    const folder = rig.folder();
    writeDevupConfig(folder, stackOf(rig, 20));
    const [kept, whole] = await Promise.all(['kept', 'whole'].map((kind) => loader(rig, kind)));
    const forget = () => rmSync(rig.env.XDG_CACHE_HOME, { recursive: true, force: true });
    const cases = {
      'node -e 0': { argv: [process.execPath, '-e', '0'] },
      'load, cached': { argv: [process.execPath, kept] },
      'load, cold': { argv: [process.execPath, whole], cold: true },
      'devup status, cached': { argv: rig.devup('status') },
      'devup status, cold': { argv: rig.devup('status'), cold: true },
    };
    const measure = (name) => {
      const { argv, cold } = cases[name];
      if (cold) forget();
      // Caches again what the cold case before it has removed: the config, and the code of this case.
      else for (const again of [rig.devup('status'), argv]) rig.succeeding(again, { cwd: folder, codes: [0, 1] });
      return rig.succeeding(argv, { cwd: folder, codes: [0, 1] });
    };
    return { config: await interleaved(Object.keys(cases), quick ? 5 : 15, measure, { warm: true }) };
  },
  bars: [
    {
      what: 'TypeScript config, cached, against `node -e 0`',
      most: 1.3,
      figure: (m) => m.ratio('config', 'wallMs', 'load, cached', 'node -e 0'),
    },
    {
      what: `TypeScript config, cold, against \`node -e 0\` (Node ${STRIPS_TYPES ? 'strips types itself' : 'does not strip types'})`,
      most: STRIPS_TYPES ? 2.5 : 8,
      figure: (m) => m.ratio('config', 'wallMs', 'load, cold', 'node -e 0'),
    },
  ],
};

/**
 * Written into the temporary folder: a small program that loads the config of its working directory and fails when it cannot.
 */
async function loader(rig, kind) {
  const folder = rig.folder();
  if (kind === 'whole') {
    const file = join(folder, 'load.mjs');
    const api = JSON.stringify(join(dirname(rig.bin), 'index.js'));
    writeFileSync(file, `import { loadConfig } from ${api};\nif (!(await loadConfig()).ok) process.exitCode = 9;\n`);
    return file;
  }
  const file = join(folder, 'load.cjs');
  await buildCompiled(file, { stub: 'bench/load/stub.ts', code: 'bench/load/load.ts' });
  return file;
}
