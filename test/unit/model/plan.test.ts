import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  buildPlan,
  dependentsOf,
  findCycle,
  type PlanRequest,
  requestedServices,
  resolveDependencies,
  WHOLE_STACK,
} from '../../../src/model/plan.ts';
import type { Condition, Service } from '../../../src/model/service.ts';
import { aService } from '../../rig/services.ts';

interface Wish {
  readonly name: string;
  readonly dependsOn?: readonly (string | readonly [string, Condition])[];
  readonly optional?: boolean;
  readonly profiles?: readonly string[];
  readonly task?: boolean;
}

function service(wish: Wish): Service {
  return aService(wish.name, {
    dependsOn:
      wish.dependsOn?.map((one) =>
        typeof one === 'string' ? { service: one, condition: 'ready' as const } : { service: one[0], condition: one[1] },
      ) ?? null,
    ready: { tests: wish.task ? [{ kind: 'exit' }] : [], timeoutMs: null, intervalMs: 250 },
    optional: wish.optional ?? false,
    profiles: wish.profiles ?? [],
  });
}

const waves = (wishes: readonly Wish[], request: Partial<PlanRequest> = {}) =>
  buildPlan(wishes.map(service), { ...WHOLE_STACK, ...request }).waves.map((wave) => wave.map((entry) => entry.service.name));

describe('without dependsOn', () => {
  test('services start one after the other, as declared', () => {
    expect(waves([{ name: 'db' }, { name: 'api' }, { name: 'web' }])).toEqual([['db'], ['api'], ['web']]);
  });

  test('a service after a task waits until the task has completed', () => {
    const resolved = resolveDependencies([{ name: 'db' }, { name: 'migrate', task: true }, { name: 'api' }].map(service));
    expect(resolved.get('migrate')).toEqual([{ service: 'db', condition: 'ready' }]);
    expect(resolved.get('api')).toEqual([{ service: 'migrate', condition: 'completed' }]);
  });

  test('optional services follow the last required one, and nothing waits for them', () => {
    const wishes = [{ name: 'db' }, { name: 'admin', optional: true }, { name: 'mail', optional: true }, { name: 'api' }];
    expect(waves(wishes)).toEqual([['db'], ['api']]);
    expect(waves(wishes, { with: ['admin', 'mail'] })).toEqual([['db'], ['admin', 'mail', 'api']]);
  });
});

describe('with dependsOn', () => {
  test('a service starts as soon as its dependencies are ready', () => {
    const wishes = [
      { name: 'db' },
      { name: 'cache', dependsOn: [] },
      { name: 'api', dependsOn: ['db', 'cache'] },
      { name: 'web', dependsOn: [] },
    ];
    expect(waves(wishes)).toEqual([['db', 'cache', 'web'], ['api']]);
  });

  test('a service may depend on one declared after it', () => {
    expect(
      waves([
        { name: 'web', dependsOn: ['api'] },
        { name: 'api', dependsOn: [] },
      ]),
    ).toEqual([['api'], ['web']]);
  });

  test('an optional dependency is pulled in', () => {
    expect(
      waves([
        { name: 'mail', optional: true },
        { name: 'api', dependsOn: ['mail'] },
      ]),
    ).toEqual([['mail'], ['api']]);
  });

  test('a task that is a dependency is pulled in, with its own dependencies', () => {
    const wishes = [
      { name: 'db' },
      { name: 'migrate', task: true },
      { name: 'api', dependsOn: [['migrate', 'completed'] as const] },
      { name: 'web' },
    ];
    expect(waves(wishes, { services: ['api'] })).toEqual([['db'], ['migrate'], ['api']]);
  });
});

describe('a request', () => {
  const wishes = [{ name: 'db' }, { name: 'api' }, { name: 'docs', profiles: ['writing'] }, { name: 'debug', optional: true }];
  const names = (request: Partial<PlanRequest>) =>
    requestedServices(wishes.map(service), { ...WHOLE_STACK, ...request }).map(({ name }) => name);
  test('for all services leaves out those that are optional or have a profile', () => {
    expect(names({})).toEqual(['db', 'api']);
  });
  test('for a profile or an optional service adds it', () => {
    expect(names({ profiles: ['writing'] })).toEqual(['db', 'api', 'docs']);
    expect(names({ with: ['debug'] })).toEqual(['db', 'api', 'debug']);
  });
  test('for named services includes their dependencies, unless noDeps is set', () => {
    expect(names({ services: ['api'] })).toEqual(['api']);
    expect(waves(wishes, { services: ['api'] })).toEqual([['db'], ['api']]);
    expect(waves(wishes, { services: ['api'], noDeps: true })).toEqual([['api']]);
  });
});

test('a cycle is the path that closes it', () => {
  const resolved = (wishes: readonly Wish[]) => findCycle(resolveDependencies(wishes.map(service)));
  expect(
    resolved([
      { name: 'x', dependsOn: [] },
      { name: 'a', dependsOn: ['b'] },
      { name: 'b', dependsOn: ['c'] },
      { name: 'c', dependsOn: ['b'] },
    ]),
  ).toEqual(['b', 'c', 'b']);
  expect(resolved([{ name: 'a', dependsOn: ['a'] }])).toEqual(['a', 'a']);
  expect(resolved([{ name: 'a', dependsOn: ['b'] }, { name: 'b' }])).toEqual(['a', 'b', 'a']);
  expect(resolved([{ name: 'a' }, { name: 'b' }])).toBeNull();
});

/** Any graph without cycles: each service may depend only on those before it, then all are shuffled. */
const acyclic = fc
  .integer({ min: 1, max: 10 })
  .chain((size) =>
    fc.record({
      needs: fc.array(fc.array(fc.nat(size - 1), { maxLength: 4 }), { minLength: size, maxLength: size }),
      optional: fc.array(fc.boolean(), { minLength: size, maxLength: size }),
      order: fc.shuffledSubarray([...Array(size).keys()], { minLength: size, maxLength: size }),
    }),
  )
  .map(({ needs, optional, order }) =>
    order.map((index) =>
      service({
        name: `s${index}`,
        dependsOn: [...new Set(needs[index]?.filter((other) => other < index))].map((other) => `s${other}`),
        optional: optional[index] ?? false,
      }),
    ),
  );

test('every service appears once, in a later wave than its dependencies', () => {
  fc.assert(
    fc.property(acyclic, (services) => {
      expect(findCycle(resolveDependencies(services))).toBeNull();
      const plan = buildPlan(services);
      const wave = new Map(plan.services.map((entry) => [entry.service.name, entry.wave]));
      expect(wave.size).toBe(plan.services.length);
      for (const [index, entry] of plan.services.entries()) {
        const before = plan.services.slice(0, index).map((other) => other.service.name);
        for (const { service: need } of entry.service.dependsOn ?? []) {
          expect(before).toContain(need);
          expect(wave.get(need)).toBeLessThan(entry.wave);
        }
      }
      expect(plan.waves.flat()).toHaveLength(plan.services.length);
      for (const [index, entries] of plan.waves.entries()) for (const entry of entries) expect(entry.wave).toBe(index);
    }),
  );
});

test('a plan contains the requested services and their dependencies, and nothing else', () => {
  fc.assert(
    fc.property(acyclic, fc.nat(9), (services, pick) => {
      const asked = services[pick % services.length] as Service;
      const byName = new Map(services.map((one) => [one.name, one]));
      const needed = new Set<string>();
      const visit = (name: string) => {
        if (needed.has(name)) return;
        needed.add(name);
        for (const need of byName.get(name)?.dependsOn ?? []) visit(need.service);
      };
      visit(asked.name);
      const plan = buildPlan(services, { ...WHOLE_STACK, services: [asked.name] });
      expect(new Set(plan.services.map((entry) => entry.service.name))).toEqual(needed);
    }),
  );
});

const anyName = fc.constantFrom('a', 'b', 'c', 'd', 'e');
/** Any dependencies: on itself, in cycles, twice, or on missing services. */
const anyGraph = fc.dictionary(anyName, fc.array(anyName, { maxLength: 3 }));
const dependenciesOf = (graph: Readonly<Record<string, readonly string[]>>) =>
  new Map(Object.entries(graph).map(([name, needs]) => [name, needs.map((need) => ({ service: need, condition: 'ready' as const }))]));

test('a reported cycle is a cycle', () => {
  fc.assert(
    fc.property(anyGraph, (graph) => {
      const dependencies = dependenciesOf(graph);
      const cycle = findCycle(dependencies);
      if (cycle === null) return;
      expect(cycle.at(0)).toBe(cycle.at(-1));
      for (const [index, name] of cycle.slice(0, -1).entries()) {
        expect(graph[name]).toContain(cycle[index + 1]);
      }
    }),
  );
});

test('the dependents of a service are all that need it, nearest first', () => {
  const dependencies = resolveDependencies(
    [{ name: 'db' }, { name: 'api' }, { name: 'web' }, { name: 'mail', dependsOn: [] }].map(service),
  );
  expect(dependentsOf(['db'], dependencies)).toEqual(['api', 'web']);
  expect(dependentsOf(['web'], dependencies)).toEqual([]);
  expect(dependentsOf(['db', 'api'], dependencies)).toEqual(['web']);
});

test('the dependents of several services are those that lead to one of them, each once, by distance', () => {
  fc.assert(
    fc.property(anyGraph, fc.uniqueArray(anyName, { minLength: 1 }), (graph, names) => {
      const asked = new Set<string>(names);
      const steps = (name: string, seen: readonly string[] = []): number => {
        if (asked.has(name)) return 0;
        if (seen.includes(name)) return Number.POSITIVE_INFINITY;
        return 1 + Math.min(Number.POSITIVE_INFINITY, ...(graph[name] ?? []).map((need) => steps(need, [...seen, name])));
      };
      const found = dependentsOf(names, dependenciesOf(graph));
      const expected = Object.keys(graph).filter((name) => ![0, Number.POSITIVE_INFINITY].includes(steps(name)));
      expect([...found].sort()).toEqual(expected.sort());
      expect(found.map((name) => steps(name))).toEqual(found.map((name) => steps(name)).sort((a, b) => a - b));
    }),
  );
});
