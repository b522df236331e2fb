import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { criticalPath, dominantStep, type StartTimes } from '../../../src/model/critical-path.ts';

function times(rows: Readonly<Record<string, [requestedMs: number, beganMs: number, readyMs: number, ...dependencies: string[]]>>) {
  return new Map<string, StartTimes>(
    Object.entries(rows).map(([name, [requestedMs, beganMs, readyMs, ...dependencies]]) => [
      name,
      { requestedMs, beganMs, readyMs, dependencies },
    ]),
  );
}

describe('the critical path of a start', () => {
  // postgres ──▶ backend ──▶ frontend, worker beside them
  test('leads from the service that was ready last back to the first it waited for', () => {
    const path = criticalPath(
      times({ postgres: [0, 0, 800], worker: [0, 0, 900], backend: [0, 800, 2900, 'postgres'], frontend: [0, 2900, 3400, 'backend'] }),
    );
    expect(path).toEqual([
      { service: 'postgres', ms: 800 },
      { service: 'backend', ms: 2100 },
      { service: 'frontend', ms: 500 },
    ]);
    expect(dominantStep(path, 3400)).toEqual({ service: 'backend', ms: 2100 });
  });

  test('leaves out a dependency that was ready before the start began', () => {
    expect(criticalPath(times({ postgres: [-5000, -5000, -4000], backend: [0, 0, 700, 'postgres'] }))).toEqual([
      { service: 'backend', ms: 700 },
    ]);
  });

  test('is empty without services', () => {
    expect(criticalPath(new Map())).toEqual([]);
    expect(dominantStep([], 0)).toBeNull();
  });

  test('adds up to the whole time when each turn begins as the last dependency is ready', () => {
    const chain = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(chain, (durations) => {
        let now = 0;
        const rows = new Map<string, StartTimes>();
        durations.forEach((ms, i) => {
          rows.set(`s${i}`, { requestedMs: 0, beganMs: now, readyMs: now + ms, dependencies: i > 0 ? [`s${i - 1}`] : [] });
          now += ms;
        });
        expect(criticalPath(rows).reduce((sum, step) => sum + step.ms, 0)).toBe(now);
      }),
    );
  });
});
