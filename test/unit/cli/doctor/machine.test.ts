import { expect, test } from 'vitest';
import { airPlay } from '../../../../src/cli/doctor/holders.ts';
import { room } from '../../../../src/cli/doctor/machine.ts';
import { darwinPlatform } from '../../../../src/machine/darwin.ts';
import { FakeMachine } from '../../../rig/fake-machine.ts';

const MIB = 1024 * 1024;

test.each([
  [10 * MIB, 'problem'],
  [100 * MIB, 'note'],
  [5000 * MIB, 'ok'],
])('%i bytes of free disk space are: %s', (free, health) => {
  expect(room(free)).toMatchObject({ name: 'disk', health, text: expect.stringMatching(/^\d\S+ free$/) });
});

test('the AirPlay Receiver is named where it listens, and nobody else is taken for it', async () => {
  const machine = new FakeMachine();
  machine.platform = darwinPlatform;
  const server = machine.spawn({ name: 'node', argv: ['node', 'server.js'], executable: '/usr/bin/node' });
  machine.listen(server, 7000);
  expect(await airPlay(machine, [5000, 7000])).toMatchObject({ health: 'ok', text: 'its receiver does not listen' });
  const program = '/System/Library/CoreServices/ControlCenter.app/Contents/MacOS/ControlCenter';
  machine.listen(machine.spawn({ name: 'ControlCenter', argv: [program], executable: program }), 5000);
  expect(await airPlay(machine, [5000, 7000])).toMatchObject({
    health: 'note',
    text: 'its receiver listens on 5000',
    fix: expect.stringContaining('AirDrop'),
  });
});
