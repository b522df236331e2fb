import { expect, test } from 'vitest';
import { fences, page } from './fences.ts';

test.each(['../README.md', 'getting-started.md', 'configuration.md'])(
  'a Vite command in %s has its port as an argument, since Vite does not read PORT',
  (name) => {
    const code = fences(page(name)).filter(({ language }) => language === 'ts');
    const commands = code.flatMap(({ code }) => Array.from(code.matchAll(/command: '(vite\b[^']*)'/g), ([, command]) => command as string));
    const servers = commands.filter((command) => !command.startsWith('vite build'));
    expect(servers.length).toBeGreaterThan(0);
    expect(servers.filter((command) => !command.includes('--port ${port} --strictPort'))).toEqual([]);
  },
);
