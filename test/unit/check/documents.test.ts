/** Two documents of real platforms, as they were written. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkIn, findings, line, MEDCOR, repository } from './repository.ts';

const document = (name: string) => readFileSync(new URL(`../../fixtures/check/${name}.md`, import.meta.url), 'utf8');

const service = (port: number, category: string) => ({ port, category, command: 'serve' });
const UNIFIED_HEALTH = {
  name: 'unifiedhealth',
  ranges: {
    frontend: { ports: '3000-3099', purpose: 'Frontend applications' },
    backend: { ports: '4000-4099', purpose: 'Backend services' },
    database: { ports: '5000-5999', purpose: 'Databases' },
    cache: { ports: '6000-6999', purpose: 'Cache and messaging' },
    infrastructure: { ports: '9000-9999', purpose: 'Infrastructure and monitoring' },
  },
  services: {
    web: service(3000, 'frontend'),
    admin: { ...service(3001, 'frontend'), cwd: 'apps/admin-dashboard' },
    'provider-portal': service(3002, 'frontend'),
    kiosk: service(3004, 'frontend'),
    mobile: { category: 'frontend', command: 'expo start' },
    'api-gateway': service(4000, 'backend'),
    'auth-service': service(4001, 'backend'),
    api: service(4002, 'backend'),
    telehealth: service(4003, 'backend'),
    'mental-health': service(4004, 'backend'),
    'chronic-care': service(4005, 'backend'),
    notification: service(3006, 'backend'),
    pharmacy: service(4007, 'backend'),
    laboratory: service(4008, 'backend'),
    imaging: service(4009, 'backend'),
    postgres: service(5432, 'database'),
    redis: service(6379, 'cache'),
    elasticsearch: service(9200, 'infrastructure'),
    kafka: service(9092, 'infrastructure'),
    prometheus: service(9090, 'infrastructure'),
    grafana: service(3100, 'infrastructure'),
  },
};

test('the document of UnifiedHealth has exactly two faults, which are the config’s', async () => {
  const { findings: found, references } = await checkIn(repository({ 'docs/PORTS.md': document('unifiedhealth') }), UNIFIED_HEALTH);
  expect(found.map(line)).toEqual(['D106 - notification 4000-4099 ≠ 3006', 'D107 - grafana 9000-9999 ≠ 3100']);
  expect(found.map(({ message, fix }) => `${message}: ${fix}`)).toEqual([
    'notification is on 3006, in the range frontend (3000-3099), but belongs to the range backend (4000-4099): 4006 is the next free port of the range backend (4000-4099)',
    'grafana is on 3100, in no range, but belongs to the range infrastructure (9000-9999): 9000 is the next free port of the range infrastructure (9000-9999)',
  ]);
  expect(references).toBe(20);
});

test('once the config is corrected, the document is wrong', async () => {
  const services = { ...UNIFIED_HEALTH.services, notification: service(4006, 'backend'), grafana: service(9100, 'infrastructure') };
  expect(await findings({ ...UNIFIED_HEALTH, services }, { 'docs/PORTS.md': document('unifiedhealth') })).toEqual([
    'D111 docs/PORTS.md:25:27 notification 4006 ≠ 3006',
    'D111 docs/PORTS.md:39:19 grafana 9100 ≠ 3100',
  ]);
});

test('a different range in the document is a fault of the document', async () => {
  const text = document('unifiedhealth').replace('| 5000-5999 |', '| 5000-5899 |').replace('| Cache and messaging ', '| Something else ');
  const found = await findings(UNIFIED_HEALTH, { 'PORTS.md': text.replace('6000-6999', '6000-6899') });
  expect(found.slice(2)).toEqual(['D111 PORTS.md:47:3 - 5000-5999 ≠ 5000-5899', 'D111 PORTS.md:48:3 - - ≠ 6000-6899']);
});

test('the document of MedCor tells people to allow an invalid host', async () => {
  expect(await findings(MEDCOR, { 'PORTS.md': document('medcor') })).toEqual([
    'D109 PORTS.md:12:3 postgres postgres ≠ -',
    'D105 PORTS.md:67:35 backend2 - ≠ *:8002',
  ]);
});

test('an .env file made from it has the same fault', async () => {
  const text = 'ALLOWED_HOSTS=localhost,127.0.0.1,*:8002\nCORS_ALLOWED_ORIGINS=http://localhost:5000,http://localhost:8002\n';
  expect(await findings(MEDCOR, { 'medcor_backend2/.env': text })).toEqual(['D105 medcor_backend2/.env:1:35 backend2 - ≠ *:8002']);
});
