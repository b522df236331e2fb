import { expect, test } from 'vitest';
import type { ServiceInput, StackInput } from '../../../src/model/service.ts';
import { service, stack } from './stacks.ts';

/** The compiler reports a field that is missing here. */
const every: { readonly [K in keyof Required<ServiceInput>]: Required<ServiceInput>[K] } = {
  command: 'other',
  port: 8001,
  ports: { debug: 9229 },
  host: '127.0.0.1',
  cwd: 'src',
  env: { A: '1' },
  envFile: import.meta.filename,
  dependsOn: [],
  ready: { log: /up/ },
  listener: 'any',
  health: { http: '/' },
  restart: 'no',
  stop: { timeout: '1s' },
  onConflict: 'fail',
  optional: true,
  profiles: ['x'],
  links: { App: '/' },
  category: 'web',
  description: 'text',
  labels: { a: 'b' },
  output: 'merged',
};
const stackFields: { readonly [K in keyof Required<Omit<StackInput, '$schema' | 'services'>>]: Required<StackInput>[K] } = {
  name: 'shop',
  ranges: { web: { ports: '1-2' } },
  routes: { '/': 'a' },
  check: { ignore: ['vendor/**'] },
};
const base = { command: 'x', port: 8000 };

test.each(Object.entries(every))('%s is not only accepted, but changes what runs or is shown', async (field, value) => {
  expect(await service({ ...base, [field]: value })).not.toEqual(await service(base));
});

test.each(Object.entries(stackFields))('%s of the stack is not only accepted', async (field, value) => {
  expect(await stack({ services: { a: base }, [field]: value })).not.toEqual(await stack({ services: { a: base } }));
});
