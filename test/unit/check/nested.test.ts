/** Files that nest deeply, or hold thousands of addresses in a line: each is read, or named as left out. */
import { expect, test } from 'vitest';
import { describeNote } from '../../../src/check/words.ts';
import { cpuTimeMs } from '../../rig/cpu-time.ts';
import { checkIn, MEDCOR, repository } from './repository.ts';

const FILES: Readonly<Record<string, (filler: string) => string>> = {
  '.env': (filler) => `A_URL=${filler}\n`,
  Procfile: (filler) => `web: a --port 1 ${filler}\n`,
  'package.json': (filler) => `{"scripts":{"a":"vite --port 1"},"x":${filler}}`,
  'devcontainer.json': (filler) => `{"forwardPorts":[1],"x":${filler}}`,
  'launchSettings.json': (filler) => `{"profiles":{"a":{"applicationUrl":"http://localhost:1"}},"x":${filler}}`,
  'compose.yml': (filler) => `services:\n  a:\n    ports: ["1:1"]\n    x: ${filler}\n`,
  'prometheus.yml': (filler) => `scrape_configs:\n  - job_name: a\n    static_configs: [{ targets: ["a:1"] }]\n    x: ${filler}\n`,
  'a.yaml': (filler) => `apiVersion: v1\nkind: Service\nspec:\n  ports: [{ port: 1 }]\n  x: ${filler}\n`,
  'vite.config.ts': (filler) => `export default { server: { port: 1 }, x: ${filler} }`,
  'next.config.js': (filler) => `module.exports = { port: 1, x: ${filler} }`,
  'nginx.conf': (filler) => `http { server { listen 80; x ${filler}; } }`,
  'settings.py': (filler) => `PORT = 1\nCORS_ALLOWED_ORIGINS = ${filler}\n`,
  'PORTS.md': (filler) =>
    `# Ports\n\n| Service | Port |\n|---|---|\n| backend | 8001 ${filler.replaceAll('\n', ' ')} |\n\nport 8000 ${filler}\n`,
};
const nested = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);
const FILLERS: Readonly<Record<string, string>> = {
  '500 [': nested('[', ']', 500),
  '500 [ without an end': '['.repeat(500),
  '20,000 [': nested('[', ']', 20_000),
  '20,000 [ without an end': '['.repeat(20_000),
  '20,000 {': nested('{"a":', '}', 20_000),
  '20,000 (': nested('(', ')', 20_000),
  '20,000 > ': `\n${'> '.repeat(20_000)}`,
  '5,000 - ': `\n${'- '.repeat(5000)}`,
  '5,000 *a': '*a '.repeat(5000),
  '40,000 addresses': Array.from({ length: 40_000 }, (_, i) => `http://localhost:${10_000 + (i % 40_000)}`).join(','),
  '40,000 addresses without a scheme': Array.from({ length: 40_000 }, (_, i) => `"localhost:${10_000 + (i % 40_000)}"`).join(', '),
};

for (const [name, fill] of Object.entries(FILES)) {
  test.each(Object.keys(FILLERS))(`${name} with %s`, { timeout: 120_000 }, async (what) => {
    const root = repository({ [name]: fill(FILLERS[what] as string), 'other.env': 'BACKEND_URL=http://localhost:8001\n' });
    const ms = await cpuTimeMs(async () => {
      const { findings, notes } = await checkIn(root, MEDCOR);
      expect(findings.some(({ place }) => place?.file === 'other.env')).toBe(true);
      for (const note of notes) if (note.kind === 'skipped') expect(note).toEqual({ kind: 'skipped', file: name, why: 'too-deep' });
    });
    // Where time grows with the square, it takes minutes.
    expect(ms).toBeLessThan(20_000);
  });
}

test('F48: a file that nests too deeply for its parser is named, and the rest of the repository is checked', async () => {
  const root = repository({ 'package.json': `{"scripts":{"a":"vite --port 1"},"x":${nested('[', ']', 20_000)}}` });
  const { notes } = await checkIn(root, MEDCOR);
  expect(notes.map(describeNote)).toEqual(['package.json  nests too deeply and was not read']);
});
