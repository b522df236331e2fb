import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../../src/model/session.ts';
import { EventWriter, failureJson, jsonLine, killJson, snapshotJson } from '../../../src/render/json.ts';
import { BACKEND, FAILURES, HOLDER, NOW } from './samples.ts';

const SNAPSHOT: Snapshot = {
  stack: 'medcor',
  id: '1f0c',
  config: '/home/me/medcor/orchestrator.config.ts',
  session: { pid: 5100, startedAtMs: NOW, version: '0.1.0', key: 'k' },
  seq: 4,
  services: [BACKEND],
  configProblem: null,
};

describe('JSON for programs', () => {
  test('a status has the documented fields', () => {
    expect(snapshotJson(SNAPSHOT, { configPath: 'orchestrator.config.ts' })).toMatchObject({
      schemaVersion: 1,
      stack: 'medcor',
      id: '1f0c',
      config: 'orchestrator.config.ts',
      session: { pid: 5100, startedAt: '2026-11-22T12:00:00.000Z' },
      services: [
        {
          name: 'backend',
          state: 'ready',
          port: 8000,
          ports: { main: 8000 },
          pid: 5210,
          startedAt: '2026-11-22T11:48:00.000Z',
          uptimeMs: 720000,
          restarts: 0,
          exitCode: null,
          cpuPercent: 2,
          memoryBytes: 100663296,
          url: 'http://localhost:8000',
          links: { Admin: 'http://localhost:8000/admin/' },
          optional: false,
          stale: false,
          verdict: 'ours',
          holders: [
            {
              port: 8000,
              pid: 4121,
              startedAt: '2026-11-22T08:48:00.000Z',
              command: 'python3 manage.py runserver',
              cwd: '/home/me/old/medcor',
              user: 'me',
              addresses: ['0.0.0.0'],
              container: null,
              stack: null,
            },
          ],
          problem: null,
        },
      ],
    });
    expect(snapshotJson({ ...SNAPSHOT, session: null })).toMatchObject({ session: null });
  });

  test('a problem is code, message, why and fix and nothing else', () => {
    const service = { ...BACKEND, problem: FAILURES.E104 };
    const [shown] = snapshotJson({ ...SNAPSHOT, services: [service] })['services'] as { problem: object }[];
    expect(Object.keys(shown?.problem ?? {})).toEqual(['code', 'message', 'why', 'fix']);
  });

  test('a failed command answers with an envelope that also has the facts', () => {
    expect(failureJson(FAILURES.E112)).toMatchObject({
      schemaVersion: 1,
      error: { code: 'E112', message: 'backend failed after 5 restarts in a row', service: 'backend', max: 5, last: { code: 'E104' } },
    });
    expect(failureJson(FAILURES.E001)).toMatchObject({
      error: { code: 'E001', message: "unknown command 'strat'", fix: 'did you mean devup start?' },
    });
  });

  test('a kill reports the outcome for every port', () => {
    const killed = [{ pid: 1234, command: 'node x', signal: 'SIGTERM' }];
    expect(killJson([{ port: 8002, outcome: 'freed', killed, holders: [], problem: null }])).toEqual({
      schemaVersion: 1,
      ports: [{ port: 8002, outcome: 'freed', killed, holders: [], problem: null }],
    });
  });

  test('each event is a line; a character cut by two chunks is whole, broken bytes are replaced', () => {
    const writer = new EventWriter();
    const output = (bytes: number[]) =>
      JSON.parse(
        writer.line({ type: 'output', seq: 1, atMs: NOW, service: 'web', stream: 'stdout', offset: 0, bytes: Buffer.from(bytes) }),
      );
    expect(output([0x61, 0xc3])).toMatchObject({ type: 'output', service: 'web', at: '2026-11-22T12:00:00.000Z', text: 'a' });
    expect(output([0xa9, 0xff]).text).toBe('é\ufffd');
    expect(JSON.parse(writer.line({ type: 'done', seq: 2, atMs: NOW, ok: false, exitCode: 7, failure: FAILURES.E101 }))).toMatchObject({
      type: 'done',
      ok: false,
      exitCode: 7,
      error: { code: 'E101', exitCode: 3 },
    });
    const notice = { kind: 'forced', processes: [HOLDER], grace: 'over' } as const;
    expect(writer.line({ type: 'notice', seq: 3, atMs: NOW, service: 'web', notice }).match(/\n/g)).toHaveLength(1);
  });

  test('JSON on a terminal has no control characters', () => {
    expect(jsonLine({ a: '\u009b2J\u2028' })).toBe('{"a":"\\u009b2J\\u2028"}\n');
  });
});
