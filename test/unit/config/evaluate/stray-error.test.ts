/** Tells a config's uncaught errors from devup's, long after the config was read. */
import { expect, test } from 'vitest';
import { rememberConfig, strayFailure } from '../../../../src/config/evaluate/stray-error.ts';

const FILE = '/home/me/app/orchestrator.config.ts';
const OWN = '/home/me/app/node_modules/devup/dist';

function anError(...frames: readonly string[]): Error {
  const error = new Error('no database');
  error.stack = ['Error: no database', ...frames.map((frame) => `    at ${frame}`)].join('\n');
  return error;
}

test('is not attributed to a config that has not run', () => {
  expect(strayFailure(anError(`Timeout._onTimeout (${FILE}:12:5)`), OWN)).toBe(null);
});

test.each([
  ['its own line, compiled', anError('listOnTimeout (node:internal/timers:581:17)', `Timeout._onTimeout (${FILE}:12:5)`), 12, null],
  ['its own line, as written', anError(`async file://${FILE}?devup=1:12:5`), 12, 5],
  ['a module that it imports', anError('Socket.<anonymous> (/home/me/app/src/settings.ts:3:9)'), null, null],
  ['a package of the project', anError('file:///home/me/app/node_modules/vite/dist/node/index.js:3:9'), null, null],
  ['no error at all', 'no database', null, null],
])('is the config’s when its stack leads to %s', (_, error, line, column) => {
  rememberConfig(FILE);
  expect(strayFailure(error, OWN)).toMatchObject({
    code: 'E306',
    file: FILE,
    message: expect.stringContaining('no database'),
    line,
    column,
  });
});

test.each([
  [
    'devup’s own code',
    anError(`Actor.send (${OWN}/start.cjs:100:3)`, 'process.processTicksAndRejections (node:internal/process/task_queues:95:5)'),
  ],
  ['nobody but Node', anError('TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16)')],
  ['nowhere', new Error('no database', { cause: 1 })],
])('is devup’s when its stack leads to %s', (where, error) => {
  rememberConfig(FILE);
  if (where === 'nowhere') error.stack = '';
  expect(strayFailure(error, OWN)).toBe(null);
});
