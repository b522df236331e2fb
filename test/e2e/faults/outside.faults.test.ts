/**
 * Inside a container, the network may be the host's while its processes are invisible. A PID namespace stands for the
 * container.
 */
import { spawnSync } from 'node:child_process';
import { expect, inject } from 'vitest';
import { test } from '../../rig/rig.ts';
import { Running } from '../../rig/running.ts';
import { expectCleanWorld } from '../../rig/world.ts';
import { isAlive } from '../ports/answers.ts';

const devup = `"${process.execPath}" "${inject('devup')}"`;
const PID = ['-p', '-f', '--mount-proc'];
/** Root may make it, and an ordinary user where the system lets users create namespaces. */
const FLAGS = [PID, [...PID, '-U', '-r']].find((flags) => spawnSync('unshare', [...flags, 'true']).status === 0);

test.runIf(FLAGS)(
  'F42: a port held outside the container is not called free, its holder is located, and no process is signalled',
  async ({ rig }) => {
    const port = await rig.port();
    const { pids } = await rig.squat({ how: 'listen', port });
    const web = rig.puppet('web', '--port', port);
    rig.config({ web: { command: web.command, port } });
    const inside = async (command: string) => {
      const running = new Running('unshare', [...(FLAGS ?? []), 'sh', '-c', `exec ${devup} ${command}`], { cwd: rig.root, env: rig.env });
      const { code } = await running.exited;
      return { code, stdout: running.stdout, stderr: running.stderr };
    };
    for (const command of ['start', 'start -d']) {
      expect(await inside(command)).toMatchObject({
        code: 4,
        stderr: expect.stringMatching(/error E201: .*[\s\S]*outside this container/),
      });
    }
    const killed = await inside(`kill ${port}`);
    expect(killed).toMatchObject({ code: 4, stdout: expect.stringMatching(/E205[\s\S]*outside this container/) });
    const status = JSON.parse((await inside('status --json')).stdout) as { services: readonly { verdict: string }[] };
    expect(status.services.map(({ verdict }) => verdict)).toEqual(['unidentified']);
    expect(web.journal()).toEqual([]);
    expect(pids.every(isAlive)).toBe(true);
    await expectCleanWorld(rig, pids);
  },
);
