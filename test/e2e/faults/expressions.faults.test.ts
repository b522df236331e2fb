/** Regular expressions of users that need longer than anybody waits: `(a+)+$` on a line of sixty characters. */
import { request } from 'node:http';
import { join } from 'node:path';
import { expect } from 'vitest';
import { eventually } from '../../rig/eventually.ts';
import { type Rig, test } from '../../rig/rig.ts';
import { expectCleanWorld } from '../../rig/world.ts';
import { services } from '../ports/answers.ts';
import { cpuSeconds, stackFolder } from './measure.ts';

const ENDLESS = '(a+)+$';
const LINE = `${'a'.repeat(60)}!`;

function getLogs(rig: Rig, service: string, grep: string): Promise<{ readonly status: number | undefined; readonly text: string }> {
  const socketPath = join(rig.env['XDG_RUNTIME_DIR'] as string, 'devup', stackFolder(rig).split('/').at(-1) as string);
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path: `/v1/services/${service}/logs?grep=${encodeURIComponent(grep)}` }, (message) => {
      let text = '';
      message.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      message.on('end', () => resolve({ status: message.statusCode, text }));
    });
    asked.on('error', reject).end();
  });
}

test('F47: an endless expression in a ready test or a request freezes no session, and a client that tests one ends at the first Ctrl-C', async ({
  rig,
}) => {
  const web = rig.puppet('web', '--print', LINE, '--ready', 'aaa');
  rig.config({ web: { command: web.command, ready: { log: { source: `^${ENDLESS}` } } } });
  expect((await rig.devup(['start', '-d'])).code).toBe(0);

  const refused = getLogs(rig, 'web', ENDLESS);
  expect((await services(rig))['web']).toMatchObject({ state: 'ready' });
  expect(await refused).toMatchObject({ status: 400, text: expect.stringContaining('takes too long for a line') });
  expect(await getLogs(rig, 'web', '^(a)+$')).toMatchObject({ status: 200, text: expect.stringContaining('"text":"aaa"') });

  const client = rig.start(['logs', '--grep', ENDLESS]);
  await eventually('the client to be at work', () => cpuSeconds(client.pid) > 1, 120_000);
  expect((await services(rig))['web']).toMatchObject({ state: 'ready' });
  client.signal('SIGINT');
  expect((await client.exited).signal).toBe('SIGINT');

  expect((await rig.devup(['logs', '--grep', '^(a)+$', '--no-prefix'])).stdout).toBe('aaa\n');
  expect((await rig.devup(['stop'])).code).toBe(0);
  await expectCleanWorld(rig);
});

test('F47: a service is not ready if the expression takes too long for all it prints, and that is said', async ({ rig }) => {
  const web = rig.puppet('web', ...Array.from({ length: 5 }).flatMap(() => ['--print', LINE]));
  rig.config({ web: { command: web.command, ready: { log: { source: ENDLESS }, timeout: '10s' } } });
  const started = rig.start(['start']);
  await started.waitForOutput(/takes too long for a line that it printed/, 'either', 80_000);
  started.signal('SIGINT');
  await started.exited;
  await expectCleanWorld(rig);
});
