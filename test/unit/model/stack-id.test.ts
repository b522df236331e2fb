import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatMarker, parseMarker, stackId } from '../../../src/model/stack-id.ts';
import { anyCharacter } from '../../rig/any-character.ts';

test('an id is 16 hex digits, and always the same for the same path', () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter }), (path) => {
      expect(stackId(path)).toMatch(/^[0-9a-f]{16}$/);
      expect(stackId(path)).toBe(stackId(path));
    }),
  );
  expect(stackId('')).toBe('cbf29ce484222325');
  expect(stackId('a')).toBe('af63dc4c8601ec8c');
});

test('two worktrees are two stacks', () => {
  const paths = Array.from({ length: 20_000 }, (_, index) => `/home/me/work/tree-${index}/orchestrator.config.ts`);
  expect(new Set(paths.map(stackId)).size).toBe(paths.length);
});

test('a marker is read back unchanged for any service name', () => {
  const session = fc.stringMatching(/^[0-9a-z]{1,32}$/);
  const service = fc.string({ minLength: 1 });
  fc.assert(
    fc.property(fc.string(), session, service, (path, sessionId, name) => {
      const marker = { stackId: stackId(path), session: sessionId, service: name };
      expect(parseMarker(formatMarker(marker))).toEqual(marker);
    }),
  );
});

test.each([
  '',
  'abc',
  '0123456789abcdef',
  '0123456789abcdef:s1:',
  '0123456789ABCDEF:s1:a',
  'x0123456789abcdef:s1:a',
  '0123456789abcdef::a',
])('%j is not a marker', (text) => {
  expect(parseMarker(text)).toBeNull();
});
