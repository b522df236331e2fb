/** The port documents of two platforms, against those that devup writes from a config of each. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { contractOf } from '../../../src/check/contract.ts';
import { marked } from '../../../src/check/markers.ts';
import { portDocument } from '../../../src/render/port-document.ts';
import { MEDCOR_STACK, UNIFIED_HEALTH_MENDED, UNIFIED_HEALTH_STACK } from '../../rig/real-stacks.ts';
import { checkIn, repository } from '../check/repository.ts';
import { stack } from '../config/stacks.ts';

const original = (name: string) => readFileSync(new URL(`../../fixtures/check/${name}.md`, import.meta.url), 'utf8');

async function written(config: object): Promise<string> {
  const built = await stack(config);
  return portDocument({ stack: built, config: 'orchestrator.config.ts', frontends: built.services.filter(contractOf(built).isFrontend) });
}

/** The cells of every row of every table, without marks. */
function rows(text: string): readonly (readonly string[])[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|[\s|-]+$/.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.replaceAll('*', '').trim()),
    );
}

const titles = /^(Service|Application|Range)$/;

describe.each([
  ['medcor', MEDCOR_STACK],
  ['unifiedhealth', UNIFIED_HEALTH_STACK],
] as const)('the document of %s', (name, config) => {
  test('keeps every row: the name, port and description of each service, and each range', async () => {
    const kept = rows(await written(config));
    const old = rows(original(name)).filter(([first]) => !titles.test(first ?? ''));
    expect(old.length).toBeGreaterThan(3);
    for (const [title, port, description] of old) {
      const same = kept.find((row) => row[0] === title);
      expect(same?.slice(0, 2), title).toEqual([title, port]);
      expect(same).toContain(description ?? port);
    }
  });

  test('keeps every address', async () => {
    const text = await written(config);
    for (const [address] of original(name).matchAll(/http:\/\/localhost:\d+[\w/]*/g)) expect(text).toContain(address);
  });
});

test('in both original documents, check finds exactly the faults of their configs', async () => {
  const found = async (config: object) => {
    const { findings, notes } = await checkIn(repository({ 'PORTS.md': marked(await written(config)) }), config);
    return { codes: findings.map(({ code, service }) => `${code} ${service}`), notes };
  };
  expect(await found(MEDCOR_STACK)).toEqual({ codes: [], notes: [] });
  expect(await found(UNIFIED_HEALTH_MENDED)).toEqual({ codes: [], notes: [] });
  expect(await found(UNIFIED_HEALTH_STACK)).toEqual({ codes: ['D107 grafana', 'D106 notification-service'], notes: [] });
});

test('the document of MedCor has commands, links, allowed origins, the start order and routes', async () => {
  const text = await written(MEDCOR_STACK);
  for (const line of [
    '- **frontend** (5000): `npm run dev`',
    '- **medcor_backend** (8000), in `medcor_backend/`: `python manage.py runserver 0.0.0.0:8000`',
    '- **medcor_backend2** (8002), in `medcor_backend2/`: `python manage.py runserver 0.0.0.0:8002`',
    '- **mcp** (8080), in `medcor_backend2/`: `python mcp_server.py`',
    '3. medcor_backend2 (8002) once medcor_backend is ready',
    '- CORS: **medcor_backend** (8000) and **medcor_backend2** (8002) must allow `http://localhost:5000`.',
    '- **medcor_backend2** (8002): New multi-tenant backend, primary focus',
  ])
    expect(text.split('\n')).toContain(line);
  const cells = rows(text);
  expect(cells).toContainEqual(['`ALLOWED_HOSTS=localhost,127.0.0.1`', 'medcor_backend2']);
  expect(cells).toContainEqual(['`CORS_ALLOWED_ORIGINS=http://localhost:5000,http://localhost:8002`', 'medcor_backend2']);
  expect(cells).toContainEqual(['`VITE_LEGACY_API=http://localhost:8000`', 'frontend']);
  expect(cells).toContainEqual(['`/api/v1/`', 'medcor_backend', '8000', 'legacy']);
  expect(cells).toContainEqual(['FastMCP Server', '8080', 'Voice interaction server', 'optional']);
  expect(text).not.toContain('not-for-documents');
});

test('the document of UnifiedHealth names free ports, and services without a port', async () => {
  const cells = rows(await written(UNIFIED_HEALTH_STACK));
  expect(cells).toContainEqual(['4000-4099', 'Backend services', 'backend', '4006']);
  expect(cells).toContainEqual(['3000-3099', 'Frontend applications', 'frontend', '3003']);
  expect(cells).toContainEqual(['Mobile', 'N/A', 'React Native (iOS/Android)', '']);
});
