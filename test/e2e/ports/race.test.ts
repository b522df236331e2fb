/** Another process takes the port between the last probe of a claim and the service's bind. */
import { expect } from 'vitest';
import { test } from '../../rig/rig.ts';
import { isAlive } from './answers.ts';

// web
test('F20: a port taken before the service could bind it is claimed again', async ({ rig }) => {
  const port = await rig.port();
  const web = rig.puppet('web', '--port', port, '--wait');
  rig.config({ web: { port, command: web.command } });
  const starting = rig.start(['start', '-d']);
  await web.waitFor('started');
  const quicker = await rig.squat({ how: 'listen', port });
  await expect(web.tell({ do: 'go' })).rejects.toThrow('EADDRINUSE');
  await web.tell({ do: 'exit', code: 1 });
  await web.waitFor('started', 2);
  expect(isAlive(quicker.process.pid)).toBe(false);
  await web.tell({ do: 'go' });
  expect((await starting.exited).code).toBe(0);
  expect(starting.stderr).toContain(`pid ${quicker.process.pid}`);
  expect((await rig.devup(['stop'])).code).toBe(0);
});

// web
test('F20: the new holder is named if the port may not be freed', async ({ rig }) => {
  const port = await rig.port();
  const web = rig.puppet('web', '--port', port, '--wait');
  rig.config({ web: { port, command: web.command, onConflict: 'fail' } });
  const starting = rig.start(['start', '-d']);
  await web.waitFor('started');
  const quicker = await rig.squat({ how: 'listen', port });
  await expect(web.tell({ do: 'go' })).rejects.toThrow('EADDRINUSE');
  await web.tell({ do: 'exit', code: 1 });
  expect((await starting.exited).code).toBe(4);
  expect(starting.stderr).toMatch(new RegExp(`E201: ${port} web is held`));
  expect(starting.stderr).toContain(`pid ${quicker.process.pid}`);
  expect(isAlive(quicker.process.pid)).toBe(true);
});
