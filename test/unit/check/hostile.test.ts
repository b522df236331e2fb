/** A line of a megabyte, in each kind of file: written by no one on purpose, yet found in repositories. */
import { expect, test } from 'vitest';
import type { SourceFile } from '../../../src/check/source.ts';
import { Unreadable } from '../../../src/check/source.ts';
import { SOURCES } from '../../../src/check/sources/list.ts';
import { cpuTimeMs } from '../../rig/cpu-time.ts';
import { checkIn, MEDCOR, repository } from './repository.ts';

const PATHS: Readonly<Record<string, readonly [path: string, before: string, after: string]>> = {
  'package.json': ['package.json', '{"scripts":{"a":"', ' --port 1"}}'],
  Procfile: ['Procfile', 'web: ', ''],
  env: ['.env', 'A_URL=', ''],
  compose: ['compose.yml', 'services:\n  a:\n    command: "', '"\n'],
  kubernetes: ['a.yaml', 'apiVersion: v1\nkind: ConfigMap\ndata:\n  PORT: "', '"\n'],
  'vite and next configs': ['vite.config.js', 'export default { server: { port: 1, x: "', '" } }'],
  nginx: ['nginx.conf', 'server { listen 80; proxy_pass "', '"; }'],
  'Django settings': ['settings.py', "CORS_X = '", "'\n"],
  Markdown: ['a.md', '| a | port |\n|---|---|\n| x | 8000 |\n\n```sh\n', '\n```\n'],
  prometheus: ['prometheus.yml', 'scrape_configs:\n  - job_name: "', '"\n'],
  'launchSettings.json': ['launchSettings.json', '{"profiles":{"a":{"applicationUrl":"', '"}}}'],
  'devcontainer.json': ['devcontainer.json', '{"forwardPorts":["', '"]}'],
};
const LINES = ['a', '-', '|', '{{', '${', ':', ' vite', 'http://', '1', '.', '=', ' A=', '[', '@', 'port '];

test.each(LINES)('a megabyte of %j is read in no time', async (unit) => {
  const filler = unit.repeat(Math.ceil(1_000_000 / unit.length));
  for (const source of SOURCES) {
    const [path, before, after] = PATHS[source.name] as (typeof PATHS)[string];
    expect(source.matches(path), source.name).toBe(true);
    const file: SourceFile = { path, text: before + filler + after };
    const ms = await cpuTimeMs(async () => {
      try {
        if (source.mayHavePorts?.(file.text) !== false) await source.read(file);
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
      }
    });
    expect(ms, source.name).toBeLessThan(3000);
  }
});

test('a row of a table with two hundred thousand ports is checked', async () => {
  const row = Array.from({ length: 200_000 }, (_, i) => 9000 + (i % 50_000)).join(' ');
  const root = repository({ 'PORTS.md': `| Service | Port |\n|---|---|\n| backend | 8000 ${row} |\n` });
  expect((await checkIn(root, MEDCOR)).findings.length).toBeGreaterThan(190_000);
});
