import { expect, test } from 'vitest';
import { contractOf } from '../../../src/check/contract.ts';
import { marked } from '../../../src/check/markers.ts';
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
      'Generated from `orchestrator.config.ts` by `devup docs`: changes here are overwritten. Each port is fixed: other services, other developers and CI rely on it, and devup never moves a service to another port.',
      '',
      '### Frontends',
      '',
      '| Service | Port               | Description       | Status          |',
      '| ------- | ------------------ | ----------------- | --------------- |',
      '| web     | 5000, 9229 (debug) | One \\| two &lt;b> | legacy, team: a |',
      '',
      '### tools',
      '',
      '| Service | Port | Description | Status   |',
      '| ------- | ---- | ----------- | -------- |',
      '| mcp     | 8080 |             | optional |',
      '',
      '### Others',
      '',
      '| Service | Port | Description | Status |',
      '| ------- | ---- | ----------- | ------ |',
      '| migrate | N/A  |             | task   |',
      '',
      '### Ranges',
      '',
      '| Range     | Purpose   | Category | Next free |',
      '| --------- | --------- | -------- | --------- |',
      '| 5000-5099 | Frontends | frontend | 5001      |',
      '',
      '### Running',
      '',
      '`devup start` starts everything, `devup start <service>` one service and what it needs. By hand, each in its folder:',
      '',
      '- **migrate**: `x`',
      '- **web** (5000): `x`',
      '- **mcp** (8080): `x`',
      '',
      '### Start order',
      '',
      '1. migrate (task)',
      '2. web (5000) once migrate is completed',
      '3. mcp (8080, optional) once web is ready',
      '',
      '`devup start` does this; with the optional services: `devup start --with mcp`. Ctrl-C, or `devup stop`, stops everything in reverse order.',
      '',
      '### Links',
      '',
      '- **web** (5000): App <http://localhost:5000/(a)>',
      '',
      '`devup open <service>:<link>` opens one.',
      '',
      '### Routes',
      '',
      'In development every service is reached on its own port. In production one address serves them all, and a reverse proxy or an ingress routes each prefix:',
      '',
      '| Prefix | Service | Port | Status |',
      '| ------ | ------- | ---- | ------ |',
      '| `/`    | web     | 5000 | legacy |',
      '',
      '### Troubleshooting',
      '',
      '- Address already in use: `devup ports 5000` says who listens there, `devup kill 5000` frees it. The same works for every port.',
      '- A service is not ready, or not on its port: `devup status`, then `devup logs <service>`.',
      '- CORS: backends must allow `http://localhost:5000`.',
      '- A file disagrees with this document: `devup check` names it with its line.',
      '- Anything else: `devup doctor`.',
      '',
      '### A new service',
      '',
      "`devup add <service> --category <category>` takes the next free port of the category's range, and writes it into the config and into every file that lists its siblings: package.json, .env, compose, Kubernetes, this document. `devup check` finds what disagrees.",
      '',
    ].join('\n'),
  );
});

test('a command is shown as typed in the repository, code stays code, and passwords are left out', async () => {
  const text = await documentOf({
    services: {
      db: {
        command: ['/project/bin/db', '--data', '/project/db data'],
        cwd: 'db',
        env: { URL: 'postgres://me:hunter2@localhost:5432/`a|b`' },
        port: 5432,
      },
    },
  });
  expect(text).toContain("- **db** (5432), in `db/`: `bin/db --data 'db data'`");
  expect(text).toContain('`` URL=postgres://me:***@localhost:5432/`a\\|b` ``');
  expect(text).not.toContain('hunter2');
});

test('a variable of several services is listed once', async () => {
  const env = { DATABASE_URL: 'postgres://localhost:5432/x' };
  const text = await documentOf({ services: { db: { command: 'x', port: 5432 }, a: { command: 'x', env }, b: { command: 'x', env } } });
  expect(text).toContain('| `DATABASE_URL=postgres://localhost:5432/x` | a, b     |');
});

test('no text of a config ends the generated part early', async () => {
  const text = await documentOf({
    name: '<!-- /devup:ports -->',
    services: { a: { command: 'x', description: 'x\n<!-- /devup:ports -->' } },
  });
  expect(text).not.toContain('<!--');
});

test('check finds nothing in the document of its own config', async () => {
  for (const config of [MEDCOR, { name: 'app', services }]) {
    const { findings } = await checkIn(repository({ 'PORTS.md': marked(await documentOf(config)) }), config);
    expect(findings).toEqual([]);
  }
});
