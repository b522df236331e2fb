import { expect, test } from 'vitest';
import type { Command } from '../../../src/model/service.ts';
import { declaredKinds } from '../../../src/processes/declared-programs.ts';

const line = (text: string): Command => ({ kind: 'line', line: text });

test.each([
  ['chromium --headless http://localhost', ['browser']],
  ['jupyter lab --no-browser', ['notebook']],
  ['/usr/local/bin/code-server --auth none', ['forwarding editor']],
  ['exec epmd', ['shared daemon']],
  ['cd app && FOO=1 npx -y code-server', ['forwarding editor']],
  ['sh -c "chromium --headless & wait"', ['browser']],
  ['adb -a nodaemon server; sleep 1', ['shared daemon']],
  ['vite --open firefox', []],
  ['xdg-open http://localhost', []],
  ['npm run dev', []],
  ['BROWSER=firefox npm start', []],
])('%s declares %j', (text, kinds) => expect([...declaredKinds(line(text))]).toEqual(kinds));

test('words as they are, and no command', () => {
  expect([...declaredKinds({ kind: 'argv', argv: ['env', 'A=b', '/opt/google/chrome/chrome'] })]).toEqual(['browser']);
  expect([...declaredKinds({ kind: 'argv', argv: ['sh', '-c', 'xvfb-run firefox & wait'] })]).toEqual(['browser']);
  expect(declaredKinds(null).size).toBe(0);
});
