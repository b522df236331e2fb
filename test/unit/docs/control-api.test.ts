import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { EVENT_TYPES } from '../../../src/control/protocol.ts';
import { type OrderType, parseLogQuery, parseOrder } from '../../../src/control/request.ts';
import { EMPTY_REPLY } from '../../../src/model/session.ts';
import { fences, page, rows } from './fences.ts';

const text = page('control-api.md');
const source = (file: string) => readFileSync(path.resolve(import.meta.dirname, '../../../src', file), 'utf8');

describe('the page of the control API', () => {
  test('lists every route with its method, and which are frozen', () => {
    const served = [...source('control/routes.ts').matchAll(/\['(\/v1\/[^']+)', (getRoute|orderRoute)\((.*)\)\],$/gm)].map(
      ([, route, kind, given = '']) => {
        return `${kind === 'getRoute' ? 'GET' : 'POST'} ${route}${/\btrue$/.test(given) ? ' yes' : ''}`;
      },
    );
    expect(served.length).toBeGreaterThan(8);
    const listed = rows(text, 'Routes')
      .filter(([method]) => method === 'GET' || method === 'POST')
      .map(([method, route, , frozen]) => `${method} ${route?.replaceAll('`', '')}${frozen ? ` ${frozen}` : ''}`);
    expect(listed).toEqual(served);
  });

  test('lists every key of every command with its default', () => {
    const listed = rows(text, 'Orders').filter(([, key]) => key?.startsWith('`'));
    for (const type of ['start', 'stop', 'restart', 'shutdown'] satisfies OrderType[]) {
      const empty = parseOrder(type, '');
      const mine = listed
        .filter(([command]) => command === type)
        .map(([, key = '', value = '']) => [key.slice(1, -1), JSON.parse(value.slice(1, -1)) as unknown]);
      expect({ type, ...Object.fromEntries(mine) }).toEqual(empty.ok && empty.value);
    }
  });

  test('shows valid bodies and valid queries of logs', () => {
    const typed = fences(text).flatMap(({ code }) => code.split('\n').filter((line) => line.startsWith('$ curl')));
    const bodies = typed.flatMap((line) => [...line.matchAll(/\/v1\/(start|stop|shutdown) -d '(.*)'/g)]);
    expect(bodies.length).toBe(3);
    for (const [, type, body] of bodies)
      expect(parseOrder(type as OrderType, body as string)).toMatchObject({ ok: true, value: JSON.parse(body as string) as object });
    const [, query] = /logs\?([^']*)'/.exec(text) ?? [];
    expect(parseLogQuery(new URLSearchParams(query))).toMatchObject({ ok: true, value: { lines: 50, grep: /ERROR/ } });
  });

  test('shows a reply with all its keys', () => {
    const shown = fences(text).find(({ code, under }) => under === 'Orders' && code.startsWith('{'));
    const reply = JSON.parse(shown?.code ?? '{}') as object;
    expect(Object.keys(reply)).toEqual(['schemaVersion', ...Object.keys(EMPTY_REPLY)]);
  });

  test('names every type of event', () => {
    const listed = rows(text, 'Events').flatMap(([cell]) => /^`(\w+)`$/.exec(cell ?? '')?.[1] ?? []);
    expect(listed.filter((name) => name !== 'type').toSorted()).toEqual(Object.keys(EVENT_TYPES).toSorted());
  });
});
