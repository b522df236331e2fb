import path from 'node:path';
import { compileFunction } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { jsonSchema } from '../../../src/config/validate/schema.ts';
import { parseDuration } from '../../../src/model/duration.ts';
import type { Service } from '../../../src/model/service.ts';
import { problems, service, stack } from '../config/stacks.ts';
import { fences, page, rows } from './fences.ts';

interface Schema {
  readonly properties?: Record<string, Schema>;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly description?: string;
}

const text = page('configuration.md');
const schema = jsonSchema() as Schema;
const serviceSchema = schema.properties?.['services']?.additionalProperties as Schema;

describe('the configuration page', () => {
  test('lists exactly the fields of a service and of a stack, in their order', () => {
    const listed = (heading: string) => rows(text, heading).flatMap(([cell]) => /`([\w$]+)`/.exec(cell ?? '')?.[1] ?? []);
    const fields = listed('A service');
    expect(fields.filter((name) => !name.includes('.') && name in (serviceSchema.properties ?? {}))).toEqual(
      Object.keys(serviceSchema.properties ?? {}),
    );
    expect(listed('The stack').toSorted()).toEqual(Object.keys(schema.properties ?? {}).toSorted());
  });

  test('explains each field under its own heading, to which the list links', () => {
    const headings = [...text.matchAll(/^### (.*)$/gm)].map(([, heading]) => heading as string);
    const explained = headings.flatMap((heading) => [...heading.matchAll(/`(\w+)`/g)].map(([, name]) => name));
    expect(explained.toSorted()).toEqual([...Object.keys(serviceSchema.properties ?? {}), 'ranges', 'routes', 'check'].toSorted());
    const anchors = headings.map((heading) => heading.toLowerCase().replaceAll(/[`,]/g, '').replaceAll(' ', '-'));
    for (const [, anchor] of text.matchAll(/\]\(#([^)]*)\)/g)) expect(anchors).toContain(anchor);
  });

  test('mentions every key of the schema', () => {
    const missing = keysOf(schema).filter((key) => !new RegExp(`(?<!\\w)${key.replace('$', '\\$')}\\b`).test(text));
    expect(missing).toEqual([]);
  });

  test('names the real defaults', async () => {
    const plain = await service({ command: 'x', port: 8000, ready: { http: '/' }, health: { http: '/' }, ports: { NAME: 8001 } });
    const reusing = await service({ command: 'x', port: 8000, ready: { http: '/' }, onConflict: 'reuse' });
    const task = await service({ command: 'x', ready: { exit: 0 } });
    const postgres = await service({ command: 'postgres -D data', port: 5432 });
    const real: Record<string, unknown> = {
      'ready.timeout': plain.ready.timeoutMs,
      'ready.timeout of a task': task.ready.timeoutMs,
      'ready.interval': plain.ready.intervalMs,
      'ready.status': statusOf(plain),
      'onConflict.reuse.timeout': reusing.onConflict.policy === 'reuse' ? reusing.onConflict.proof.timeoutMs : undefined,
      'health.interval': plain.health?.intervalMs,
      'health.timeout': plain.health?.timeoutMs,
      'health.retries': plain.health?.retries,
      'restart.max': plain.restart.max,
      'restart.stable': plain.restart.stableMs,
      'restart.backoff.initial': plain.restart.initialDelayMs,
      'restart.backoff.max': plain.restart.maxDelayMs,
      'stop.signal': plain.stop.kind === 'signal' ? plain.stop.signal : undefined,
      'stop.timeout': plain.stop.timeoutMs,
      'stop.signal of a postgres server': postgres.stop.kind === 'signal' ? postgres.stop.signal : undefined,
      'stop.timeout of a postgres server': postgres.stop.timeoutMs,
      'ports.NAME.required': plain.ports.at(-1)?.required,
    };
    const said = rows(text, 'A service')
      .filter(([name, , ...more]) => more.length === 0 && name !== 'setting' && name !== '---')
      .map(([name = '', value = '']) => [name.replaceAll('`', ''), value]);
    expect(Object.fromEntries(said.map(([name, value]) => [name, asValue(value as string)]))).toEqual(real);
  });

  test('names the real defaults of the fields', async () => {
    const bare = await service({ port: 8000, command: 'x' });
    const real: Record<string, unknown> = { ...bare, cwd: path.relative('/project', bare.cwd) || '.' };
    const written = rows(text, 'A service').flatMap(([name = '', , said = '']) => {
      const [field, value] = [/`(\w+)`/.exec(name)?.[1], /^`(.*)`$/.exec(said)?.[1]];
      return field === undefined || value === undefined ? [] : [[field, value] as const];
    });
    expect(written.length).toBeGreaterThan(8);
    const named = { listener: bare.listener.kind, restart: bare.restart.policy, onConflict: bare.onConflict.policy, ports: {} };
    expect(Object.fromEntries(written)).toEqual(
      Object.fromEntries(written.map(([field]) => [field, asText({ ...real, ...named }[field])])),
    );
  });

  const examples = fences(text).filter(({ language }) => language === 'ts' || language === 'yaml');
  test.each(examples.map((example, index) => ({ ...example, index })))(
    'every example is a config: $index, under "$under"',
    async ({ language, code, under }) => {
      const found = await problems(language === 'yaml' ? parse(code) : exportedBy(code, under), { env: { LOG_LEVEL: 'info' } });
      // The examples name files that do not exist here; a part shows one service of a stack.
      expect(found.filter(({ message }) => !/does not exist: \/project/.test(message))).toEqual([]);
    },
  );

  test('has a first example of five services, one of them optional', async () => {
    const built = await stack(exportedBy(examples[0]?.code ?? '', ''));
    expect(built.services.map(({ name, optional }) => (optional ? `(${name})` : name))).toEqual([
      'postgres',
      'migrate',
      'backend',
      'frontend',
      '(storybook)',
    ]);
  });
});

/** A whole file, a field of a stack, or some services. */
function exportedBy(code: string, under: string): unknown {
  const body = code.includes('export default')
    ? code.replace(/^import .*$/m, '').replace('export default', 'return')
    : under === '`ranges`' || under === '`routes`' || under === '`check`'
      ? `return { services: { frontend: { port: 5000, command: 'x' }, backend: { port: 8000, command: 'x' } }, ${code} }`
      : `return { services: { ${code} } }`;
  return compileFunction(body, ['defineConfig'])((config: unknown) => config);
}

function keysOf({ properties, additionalProperties, anyOf, items }: Schema): readonly string[] {
  const inner = [...Object.values(properties ?? {}), ...(anyOf ?? []), ...(items ? [items] : [])];
  if (typeof additionalProperties === 'object') inner.push(additionalProperties);
  return [...new Set([...Object.keys(properties ?? {}), ...inner.flatMap(keysOf)])];
}

function statusOf(of: Service): string | undefined {
  const [first] = of.ready.tests;
  return first?.kind === 'http' ? `${first.status.from}-${first.status.to}` : undefined;
}

function asValue(said: string): unknown {
  if (said === 'none') return null;
  if (said === 'true' || said === 'false') return said === 'true';
  if (/^\d+$/.test(said)) return Number(said);
  return parseDuration(said) ?? said;
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
