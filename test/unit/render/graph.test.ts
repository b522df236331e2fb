import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildPlan, type Plan, WHOLE_STACK } from '../../../src/model/plan.ts';
import { drawGraph, graphJson } from '../../../src/render/graph.ts';
import { stack } from '../config/stacks.ts';

const command = 'x';

/** All services, optional ones too. */
async function planOf(services: Readonly<Record<string, object>>): Promise<Plan> {
  const built = await stack({ services });
  return buildPlan(built.services, { ...WHOLE_STACK, services: Object.keys(services) });
}

/**
 *   postgres ─▶ migrate ─▶ backend ─▶ frontend
 *      └────────────────────┘└─▶ mcp (optional)
 */
const medcor = () =>
  planOf({
    postgres: { command, port: 5432 },
    migrate: { command, ready: { exit: 0 } },
    backend: { command, port: 8000, dependsOn: { postgres: 'started', migrate: 'completed' } },
    frontend: { command, ports: { main: 5000, debug: 9229 }, dependsOn: 'backend' },
    mcp: { command, port: 8080, optional: true, dependsOn: 'backend' },
    redis: { port: 6379, dependsOn: [], ready: { port: true } },
  });

describe('a graph', () => {
  test('is a tree with waves, ports, conditions and remarks', async () => {
    expect(drawGraph(await medcor(), 'medcor', 'text', false)).toBe(
      [
        'WAVE   SERVICE             PORT         AFTER',
        '1      postgres            5432         -',
        '2      └─ migrate          -            postgres ready                        task',
        '3         └─ backend       8000         postgres started, migrate completed',
        '4            ├─ frontend   5000, 9229   backend ready',
        '4            └─ mcp        8080         backend ready                         optional',
        '1      redis               6379         -                                     external',
        '',
      ].join('\n'),
    );
  });

  test('is mermaid, with a box per wave and dashed optional services', async () => {
    const text = drawGraph(await medcor(), 'medcor', 'mermaid', false);
    expect(text).toContain('  subgraph wave1 ["wave 1"]\n    s1["postgres<br/>5432"]\n');
    expect(text).toContain('["mcp<br/>8080<br/>optional"]:::optional\n');
    expect(text).toContain('  s2 -->|completed| s3\n');
    expect(text).toContain('  classDef optional ');
  });

  test('is dot, with the services of a wave side by side', async () => {
    const text = drawGraph(await medcor(), 'medcor', 'dot', false);
    expect(text).toMatch(/^digraph "medcor" \{\n/);
    expect(text).toContain('  "mcp" [label="mcp\\n8080\\noptional", style=dashed];\n');
    expect(text).toContain('  { rank=same; "frontend"; "mcp"; }\n');
    expect(text).toContain('  "postgres" -> "backend" [label="started"];\n');
  });

  test('is data', async () => {
    const { waves, services } = graphJson(await medcor());
    expect(waves).toEqual([['postgres', 'redis'], ['migrate'], ['backend'], ['frontend', 'mcp']]);
    expect(services[2]).toEqual({
      name: 'backend',
      wave: 3,
      kind: 'service',
      optional: false,
      ports: { main: 8000 },
      dependsOn: { postgres: 'started', migrate: 'completed' },
    });
  });
});

test('no text of a config breaks out of its quotes', async () => {
  const odd = 'a"b\\ <c> #d; ]\n--> e';
  const { services } = await stack({ services: { a: { command, port: 1 }, b: { command } } });
  const named = services.map((service, i) => ({
    ...service,
    name: i === 0 ? odd : service.name,
    dependsOn: i === 0 ? [] : [{ service: odd, condition: 'ready' as const }],
  }));
  const plan = buildPlan(named, { ...WHOLE_STACK, services: named.map(({ name }) => name) });
  const mermaid = drawGraph(plan, odd, 'mermaid', false);
  expect(mermaid).toContain('    s1["a#34;b\\ #60;c#62; #35;d; ] --#62; e<br/>1"]\n');
  expect(mermaid).toContain('  s1 -->|ready| s2\n');
  const dot = drawGraph(plan, odd, 'dot', false);
  const text = '"a\\"b\\\\ <c> #d; ] --> e"';
  expect(dot).toContain(`digraph ${text} {\n`);
  expect(dot).toContain(`  ${text} -> "b" [label="ready"];\n`);
  // Every line has closed what it opened.
  for (const line of `${mermaid}${dot}`.split('\n')) expect(line.replaceAll(/\\./g, '').split('"').length % 2).toBe(1);
});

/** Names `s0`, `s1`, …; each depends on some of those before it. */
const stacks = fc
  .array(fc.array(fc.nat(20), { maxLength: 3 }), { minLength: 1, maxLength: 12 })
  .map((edges) =>
    Object.fromEntries(
      edges.map((on, i) => [`s${i}`, { command, dependsOn: i === 0 ? [] : [...new Set(on.map((one) => `s${one % i}`))] }] as const),
    ),
  );

test('in any graph every service is drawn once and every dependency has its arrow', async () => {
  await fc.assert(
    fc.asyncProperty(stacks, async (services) => {
      const plan = await planOf(services);
      const names = Object.keys(services).toSorted();
      const arrows = plan.services.flatMap(({ dependencies }) => dependencies).length;
      const rows = drawGraph(plan, 'x', 'text', false).trimEnd().split('\n').slice(1);
      expect(rows.map((row) => /s\d+/.exec(row)?.[0] ?? '').toSorted()).toEqual(names);
      expect(drawGraph(plan, 'x', 'dot', false).split(' -> ')).toHaveLength(arrows + 1);
      expect(drawGraph(plan, 'x', 'mermaid', false).split(' -->|').length).toBe(arrows + 1);
    }),
    { numRuns: 60 },
  );
});
