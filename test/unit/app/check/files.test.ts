import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { checkFiles, fixFiles } from '../../../../src/app/check/files.ts';
import { troubleWords } from '../../../../src/render/words/port-trouble.ts';
import { FakeMachine } from '../../../rig/fake-machine.ts';
import { repository } from '../../check/repository.ts';
import { stack } from '../../config/stacks.ts';

const CONFIG = { services: { backend: { port: 8000, command: 'x' } } };

async function project(env: string) {
  const root = repository({ '.env': env });
  return { env: path.join(root, '.env'), stack: await stack(CONFIG, { file: path.join(root, 'orchestrator.config.json') }) };
}

test('changes are shown before they are written, and the result is that of the corrected files', async () => {
  const app = await project('BACKEND_PORT=8001\n');
  const machine = new FakeMachine();
  expect((await checkFiles(app.stack, machine, troubleWords)).findings).toHaveLength(1);
  const shown: string[] = [];
  const fixing = await fixFiles(app.stack, machine, troubleWords, async (changes) => {
    for (const { file, after } of changes) shown.push(file, after, readFileSync(app.env, 'utf8'));
  });
  expect(shown).toEqual(['.env', 'BACKEND_PORT=8000\n', 'BACKEND_PORT=8001\n']);
  expect(readFileSync(app.env, 'utf8')).toBe('BACKEND_PORT=8000\n');
  expect(fixing).toMatchObject({ fixed: [{ file: '.env' }], refused: [], nothingFixable: false, result: { findings: [] } });
});

test('a file that changes meanwhile is left alone, and its finding stays', async () => {
  const app = await project('BACKEND_PORT=8001\n');
  const fixing = await fixFiles(app.stack, new FakeMachine(), troubleWords, async () => writeFileSync(app.env, 'BACKEND_PORT=8002\n'));
  expect(fixing).toMatchObject({ fixed: [], refused: [{ file: '.env', why: 'changed' }], result: { findings: [{ found: '8001' }] } });
});
