import { describe, expect, test } from 'vitest';
import type { Dependency } from '../../../../src/model/service.ts';
import type { Actor } from '../../../../src/supervisor/service/actor.ts';
import type { Core } from '../../../../src/supervisor/session/core.ts';
import { leftToDebuggers, waitsForDebugger } from '../../../../src/supervisor/session/debuggers.ts';
import { blockedBy } from '../../../../src/supervisor/session/dependencies.ts';

const LAYERS = 40;
const EDGES = 4 * LAYERS;

/**
 * Two services in each layer, and each needs both of the layer below, so that 2^40 paths lead from the top to the bottom. All wait, and
 * `bottom` is the state of the two lowest.
 */
function layers(bottom: 'waiting' | 'debugging' | 'failed') {
  const actors = new Map<string, Actor>();
  const dependencies = new Map<string, readonly Dependency[]>();
  let asked = 0;
  for (let layer = 0; layer < LAYERS; layer++) {
    for (const side of ['a', 'b']) {
      const name = `${side}${layer}`;
      const by = { pid: 1, start: 1, sinceMs: 1 };
      const state = layer > 0 || bottom === 'waiting' ? { name: 'waiting' } : { name: bottom, by };
      actors.set(name, { service: { name }, state, publicState: state.name } as unknown as Actor);
      const below = layer === 0 ? [] : [`a${layer - 1}`, `b${layer - 1}`];
      dependencies.set(
        name,
        below.map((service) => ({ service, condition: 'ready' })),
      );
    }
  }
  const context = {
    dependenciesOf(name: string) {
      // A walk along every path would not end.
      if (++asked > 4 * EDGES) throw new Error('asks for the dependencies of a service again and again');
      return dependencies.get(name) ?? [];
    },
  };
  const core = { actors, context } as unknown as Core;
  return { core, top: actors.get(`a${LAYERS - 1}`) as Actor };
}

describe('services that need many others', () => {
  test('are found to wait for a debugger, or not, in one walk', () => {
    const [none, debugged] = [layers('waiting'), layers('debugging')];
    expect(waitsForDebugger(none.core, none.top)).toBe(false);
    expect(waitsForDebugger(debugged.core, debugged.top)).toBe(true);
  });

  test('are found to be blocked, or not, in one walk', () => {
    const [none, failed] = [layers('waiting'), layers('failed')];
    expect(blockedBy(none.core, none.top)).toBeNull();
    expect(blockedBy(failed.core, failed.top)).toMatchObject({ code: 'E106', service: 'a39', dependency: 'a38' });
  });

  test('name each debugger once that they wait for', () => {
    const { core, top } = layers('debugging');
    expect(leftToDebuggers(core, [top])).toMatchObject({
      services: [{ service: 'a0' }, { service: 'b0' }],
      waiting: ['a39'],
      kept: [],
    });
  });
});
