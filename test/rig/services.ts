/** Services and stacks in the form in which the config room returns them, for tests that need no config file. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Service, Stack } from '../../src/model/service.ts';
import { stackId } from '../../src/model/stack-id.ts';

export function aService(name: string, differs: Partial<Service> = {}): Service {
  return {
    name,
    command: { kind: 'argv', argv: ['sleep', '1000'] },
    ports: [],
    host: 'localhost',
    localOnly: false,
    cwd: tmpdir(),
    env: {},
    envFileValues: {},
    envFiles: [],
    dependsOn: null,
    ready: { tests: [], timeoutMs: 30_000, intervalMs: 50 },
    listener: { kind: 'tree' },
    health: null,
    restart: { policy: 'on-failure', max: 5, stableMs: 60_000, initialDelayMs: 1000, maxDelayMs: 30_000 },
    stop: { kind: 'signal', signal: 'SIGTERM', timeoutMs: 5000 },
    onConflict: { policy: 'kill' },
    optional: false,
    profiles: [],
    links: {},
    category: null,
    description: null,
    labels: {},
    output: 'split',
    ...differs,
  };
}

export function aStack(services: readonly Service[], root: string): Stack {
  const configFile = join(root, 'orchestrator.config.json');
  return {
    name: 'test',
    id: stackId(configFile),
    configFile,
    configReads: [],
    root,
    services,
    ranges: [],
    routes: [],
    check: { include: null, ignore: [] },
  };
}
