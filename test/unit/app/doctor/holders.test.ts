import { expect, test } from 'vitest';
import { checkAirPlay } from '../../../../src/app/doctor/holders.ts';
import { darwinPlatform } from '../../../../src/machine/darwin.ts';
import { FakeMachine } from '../../../rig/fake-machine.ts';

test('the AirPlay Receiver is found where it listens, and no other process is mistaken for it', async () => {
  const machine = new FakeMachine();
  machine.platform = darwinPlatform;
  const server = machine.spawn({ name: 'node', argv: ['node', 'server.js'], executable: '/usr/bin/node' });
  machine.listen(server, 7000);
  expect(await checkAirPlay(machine, [5000, 7000])).toEqual({ name: 'AirPlay', health: 'ok', ports: [] });
  const program = '/System/Library/CoreServices/ControlCenter.app/Contents/MacOS/ControlCenter';
  machine.listen(machine.spawn({ name: 'ControlCenter', argv: [program], executable: program }), 5000);
  expect(await checkAirPlay(machine, [5000, 7000])).toEqual({ name: 'AirPlay', health: 'note', ports: [5000] });
});
