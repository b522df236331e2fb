import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const script = join(import.meta.dirname, '..', '..', '..', 'scripts', 'house.mjs');
const run = (...args: readonly string[]) =>
  promisify(execFile)(process.execPath, [script, ...args]).then(
    () => '',
    ({ stderr }: { readonly stderr: string }) => stderr,
  );

test('the graph in docs/design.md is up to date', async () => {
  expect(await run('--check')).toBe('');
});

test('the graph is drawn from the imports, and the check fails once they change', async () => {
  const root = mkdtempSync(join(realpathSync(tmpdir()), 'house-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const write = (name: string, text: string) => {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  };
  write('docs/design.md', '# Design\n\n<!-- house: drawn by `npm run house` -->\n<!-- /house -->\n\nThe end.\n');
  write('src/model/row.ts', 'export interface Row {}\n');
  write('src/ports/row.ts', `import type {\n  Row,\n} from '../model/row.ts';\nexport type R = Row;\n`);
  write(
    'src/cli/deep/main.ts',
    `import '../start.ts';\nexport { R } from '../../ports/row.ts';\nexport const l = () => import('../../ports/row.ts');\n`,
  );
  expect(await run(root, '--check')).toContain('npm run house');
  expect(await run(root)).toBe('');
  const drawn = readFileSync(join(root, 'docs/design.md'), 'utf8');
  expect(drawn).toMatch(/^# Design\n\n<!-- house[\s\S]*<!-- \/house -->\n\nThe end\.\n$/);
  expect(drawn).toContain('ports["ports<br/>1 file, 1 import of model"]');
  expect(drawn.match(/^ {2}\w+ -->.*$/gm)).toEqual(['  cli -->|2| ports']);
  expect([...drawn.matchAll(/subgraph floor(\d)/g)].map(([, floor]) => floor)).toEqual(['6', '3', '0']);
  expect(await run(root, '--check')).toBe('');
  write('src/cli/more.ts', `import { R } from '../ports/row.ts';\nexport type M = R;\n`);
  expect(await run(root, '--check')).toContain('npm run house');
});
