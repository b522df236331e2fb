import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { helpText } from '../../../src/cli/parse/help.ts';
import { COMMANDS, GLOBAL_FLAGS } from '../../../src/cli/specs/command-table.ts';
import type { FlagSpec } from '../../../src/cli/specs/spec.ts';

const text = readFileSync(new URL('../../../docs/commands.md', import.meta.url), 'utf8');
const sections = new Map(
  text
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.split('\n')[0] ?? '', section]),
);

function rowOf(flag: FlagSpec): string {
  const value = flag.value ? ` <${flag.value.name}>` : '';
  return `| ${flag.short ? `\`-${flag.short}\`, ` : ''}\`--${flag.long}${value}\` | ${flag.summary} |`;
}

function rowsOf(section: string): readonly string[] {
  return section.split('\n').filter((line) => /^\| `-/.test(line));
}

test.each(COMMANDS.map((command) => [command.name, command] as const))(
  'the page on %s has exactly its flags, in their order',
  (name, command) => {
    expect(rowsOf(sections.get(`\`devup ${name}\``) ?? '')).toEqual(command.flags.map(rowOf));
  },
);

test.each(COMMANDS.map((command) => [command.name, command] as const))(
  'the page on %s has its summary and its examples',
  (name, command) => {
    const section = sections.get(`\`devup ${name}\``) ?? '';
    expect(section).toContain(`: ${command.summary}.`);
    for (const [typed, does] of command.examples) expect(section).toMatch(new RegExp(`^${literally(typed)} +# ${literally(does)}$`, 'm'));
  },
);

test('the page has the global flags, and no command that does not exist', () => {
  expect(rowsOf(sections.get('Everywhere') ?? '')).toEqual(GLOBAL_FLAGS.map(rowOf));
  const described = [...sections.keys()].map((title) => /^`devup (\w+)`$/.exec(title)?.[1]).filter((name) => name !== undefined);
  expect(described).toEqual(COMMANDS.map(({ name }) => name));
});

test('every flag of the page is one that --help knows', () => {
  const help = [null, ...COMMANDS.map(({ name }) => name)].map((name) => helpText(name)).join('\n');
  for (const [, flag] of text.matchAll(/`(--[\w-]+)/g)) expect(help).toContain(flag);
});

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
