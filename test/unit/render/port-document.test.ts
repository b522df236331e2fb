import { expect, test } from 'vitest';
import { contractOf } from '../../../src/check/contract.ts';
import { marked } from '../../../src/render/markers.ts';
import { portDocument } from '../../../src/render/port-document.ts';
import { checkIn, MEDCOR, repository } from '../check/repository.ts';
import { stack } from '../config/stacks.ts';

async function documentOf(config: object): Promise<string> {
  const built = await stack(config);
  return portDocument({ stack: built, config: 'orchestrator.config.ts', frontends: built.services.filter(contractOf(built).isFrontend) });
}

const services = {
  migrate: { command: 'x', ready: { exit: 0 } },
  web: {
    command: 'x',
    ports: { main: 5000, debug: 9229 },
    category: 'frontend',
    description: 'One | two <b>',
    labels: { status: 'legacy', team: 'a' },
    links: { App: '/(a)' },
  },
  mcp: { command: 'x', port: 8080, category: 'tools', optional: true },
};

test('the document has a table for each category, ranges, links, the order, routes and help', async () => {
  const config = { name: 'app', services, ranges: { frontend: { ports: '5000-5099', purpose: 'Frontends' } }, routes: { '/': 'web' } };
  expect(await documentOf(config)).toBe(
    [
      '## Ports of app',
      '',
      'From `orchestrator.config.ts`, by `devup docs`: changes here are overwritten.',
      '',
      '### Frontends',
      '',
      '| Service | Port | Description | Status |',
      '| --- | --- | --- | --- |',
      '| web | 5000, 9229 (debug) | One \\| two &lt;b> | legacy, team: a |',
      '',
      '### tools',
      '',
      '| Service | Port | Description | Status |',
      '| --- | --- | --- | --- |',
      '| mcp | 8080 |  | optional |',
      '',
      '### Others',
      '',
      '| Service | Port | Description | Status |',
      '| --- | --- | --- | --- |',
      '| migrate | N/A |  | task |',
      '',
      '### Ranges',
      '',
      '| Range | Purpose | Category |',
      '| --- | --- | --- |',
      '| 5000-5099 | Frontends | frontend |',
      '',
      'The next free port of one: `devup ports --next <category>`.',
      '',
      '### Links',
      '',
      '- web: [App](http://localhost:5000/%28a%29)',
      '',
      '### Start order',
      '',
      '1. migrate (task)',
      '2. web (5000) once migrate is completed',
      '3. mcp (8080, optional) once web is ready',
      '',
      '`devup start` does this; with what is optional: `devup start --with mcp`. Ctrl-C, or `devup stop`, ends all in reverse.',
      '',
      '### Routes',
      '',
      '| Prefix | Service | Port |',
      '| --- | --- | --- |',
      '| `/` | web | 5000 |',
      '',
      '### Troubleshooting',
      '',
      '- Address already in use: `devup ports 5000` says who listens there, `devup kill 5000` frees it.',
      '- A service is not ready, or not where it should be: `devup status`, then `devup logs <service>`.',
      '- CORS: backends must let in `http://localhost:5000`.',
      '- A file disagrees with this document: `devup check` names it with its line.',
      '- Anything else: `devup doctor`.',
      '',
    ].join('\n'),
  );
});

test('no text of a config ends the part early', async () => {
  const text = await documentOf({
    name: '<!-- /devup:ports -->',
    services: { a: { command: 'x', description: 'x\n<!-- /devup:ports -->' } },
  });
  expect(text).not.toContain('<!--');
});

test('the check finds nothing in the document of its own config', async () => {
  for (const config of [MEDCOR, { name: 'app', services }]) {
    const { findings } = await checkIn(repository({ 'PORTS.md': marked(await documentOf(config)) }), config);
    expect(findings).toEqual([]);
  }
});
