/** A chain: every link starts the next one in a new session and exits. No parent, group or session ties them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { processRow } from '../../../scripts/world.mjs';
import { eventually } from '../../rig/eventually.ts';
import { type Rig, test } from '../../rig/rig.ts';
import { expectCleanWorld } from '../../rig/world.ts';
import { LONG, tell } from './measure.ts';
import { diesWithItsGuard } from './session.ts';

/** Ends by itself once a file `over` exists. */
const LINK = `[ -e over ] && exit
echo $$ >> links
sleep $1
setsid sh link.sh $1 &
`;

class Chain {
  readonly #rig: Rig;

  constructor(rig: Rig, pause: number) {
    this.#rig = rig;
    rig.write('link.sh', LINK);
    rig.config({ web: { command: ['sh', '-c', `setsid sh link.sh ${pause} & exec sleep 1000`], stop: { timeout: '1s' } } });
  }

  get links(): readonly number[] {
    return readFileSync(join(this.#rig.root, 'links'), 'utf8').split('\n').slice(0, -1).map(Number);
  }

  async grows(): Promise<void> {
    const before = this.links.length;
    await eventually('three links more', () => this.links.length > before + 3);
  }

  /** Fails on any link that starts after the last known ones are gone. */
  async isOver(): Promise<boolean> {
    const before = this.links.length;
    await eventually('the last links to be gone', () => this.links.slice(-5).every((pid) => processRow(pid) === null)).catch(() => null);
    return this.links.length === before;
  }

  end(): void {
    writeFileSync(join(this.#rig.root, 'over'), '');
  }
}

for (const pause of [0.2, 0.01, 0]) {
  test(`F15: a chain of sessions whose links live ${pause} s: a stop that exits 0 leaves none of it`, async ({ rig }) => {
    const chain = new Chain(rig, pause);
    const rounds = LONG ? 20 : 3;
    let refused = 0;
    for (let round = 0; round < rounds; round++) {
      writeFileSync(join(rig.root, 'links'), '');
      expect((await rig.devup(['start', '-d'])).code).toBe(0);
      await chain.grows();
      const { code, stderr } = await rig.devup(['stop']);
      if (code === 0) expect(await chain.isOver()).toBe(true);
      else {
        expect(stderr).toMatch(/error E110/);
        refused++;
        chain.end();
        await eventually('its end', () => chain.isOver());
      }
    }
    tell(`F15: links of ${pause} s: ${rounds - refused} of ${rounds} stops left nothing, ${refused} said that something is left`);
    expect(refused).toBeLessThan(rounds);
    chain.end();
    await expectCleanWorld(rig);
  });
}

for (const next of ['stop', 'start'] as const) {
  test(`F15: after supervisor and guard are killed, the next ${next} finds a chain by its marker and ends it`, async ({ rig }) => {
    const chain = new Chain(rig, 0.05);
    writeFileSync(join(rig.root, 'links'), '');
    expect((await rig.devup(['start', '-d'])).code).toBe(0);
    await chain.grows();
    await diesWithItsGuard(rig);
    await chain.grows();
    if (next === 'start') rig.config({ other: { command: 'sleep 1000' } });
    expect((await rig.devup(next === 'start' ? ['start', '-d'] : ['stop'])).code).toBe(0);
    expect(await chain.isOver()).toBe(true);
    chain.end();
    for (const args of [['start', '-d'], ['stop']]) expect((await rig.devup(args)).code).toBe(0);
    await expectCleanWorld(rig);
  });
}
