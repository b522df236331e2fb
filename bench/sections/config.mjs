/**
 * A TypeScript config of 20 services in a process that does nothing but find and load it: compiled before (the kept text is read), and
 * for the first time. Beside it the same as a whole command. The small process is made from devup's own sources with esbuild.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { stackOf } from '../rig/lifetime.mjs';
import { interleaved } from '../rig/statistics.mjs';
import { writeDevupConfig } from '../runners/devup.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
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
      else rig.succeeding(rig.devup('status'), { cwd: folder, codes: [0, 1] });
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

/** Written into the temporary folder: a small program that loads the config of its working directory and fails when it cannot. */
async function loader(rig, kind) {
  const folder = rig.folder();
  if (kind === 'whole') {
    const file = join(folder, 'load.mjs');
    const api = JSON.stringify(join(dirname(rig.bin), 'index.js'));
    writeFileSync(file, `import { loadConfig } from ${api};\nif (!(await loadConfig()).ok) process.exitCode = 9;\n`);
    return file;
  }
  const file = join(folder, 'load.cjs');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  await build({
    stdin: { contents: KEPT, resolveDir: root, loader: 'ts' },
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'cjs',
    minifySyntax: true,
    minifyWhitespace: true,
    define: { __DEVUP_VERSION__: JSON.stringify(version), __DEVUP_TEST_BUILD__: 'false' },
    outfile: file,
    logLevel: 'warning',
  });
  return file;
}

const KEPT = `
import { homedir } from 'node:os';
import { findKept, loadKept } from './src/config/kept.ts';
import { systemClock } from './src/machine/clock.ts';
async function load() {
  const found = await findKept({ cwd: process.cwd(), explicit: null, env: process.env, home: homedir() });
  if (!found?.ok) return false;
  return (await loadKept(found.value, { env: process.env, platform: process.platform, clock: systemClock, version: __DEVUP_VERSION__ }))?.ok === true;
}
load().then((loaded) => { if (!loaded) process.exitCode = 9; });
`;
