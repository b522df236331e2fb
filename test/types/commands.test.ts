/** For a new command, the compiler reports each place that does not know it yet. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const repository = path.resolve(import.meta.dirname, '../..');
const names = path.join(repository, 'src/cli/specs/names.ts');
const contract = path.join(repository, 'src/cli/specs/contract.ts');
const words = path.join(repository, 'src/app/internal-words.ts');
const status = path.join(repository, 'src/cli/commands/status.ts');
const runners = path.join(repository, 'src/cli/runners.ts');

const parsed = new Map<string, ts.SourceFile>();

function unchanged(file: string, version: ts.ScriptTarget | ts.CreateSourceFileOptions): ts.SourceFile | undefined {
  const known = parsed.get(file);
  const text = known ? undefined : ts.sys.readFile(file);
  if (text === undefined) return known;
  const source = ts.createSourceFile(file, text, version);
  parsed.set(file, source);
  return source;
}

/** The compiler's errors in the table of commands when some files hold these texts. */
function complaints(texts: Readonly<Record<string, string>>): readonly string[] {
  const { config } = ts.readConfigFile(path.join(repository, 'tsconfig.json'), (file) => ts.sys.readFile(file));
  const { options } = ts.parseJsonConfigFileContent({ ...(config as object), include: [] }, ts.sys, repository);
  const host = ts.createCompilerHost(options);
  const { readFile } = host;
  host.readFile = (file) => texts[file] ?? readFile(file);
  host.getSourceFile = (file, version) => {
    const text = texts[file];
    return text === undefined ? unchanged(file, version) : ts.createSourceFile(file, text, version);
  };
  const program = ts.createProgram([runners, path.join(repository, 'src/build.d.ts')], options, host);
  return [names, contract, words, runners, status].flatMap((file) =>
    program.getSemanticDiagnostics(program.getSourceFile(file)).map(({ messageText }) => {
      return `${path.basename(file)}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    }),
  );
}

function edited(file: string, from: string | RegExp, to: string): Readonly<Record<string, string>> {
  const text = readFileSync(file, 'utf8');
  const changed = text.replace(from, to);
  if (changed === text) throw new Error(`${file} has no ${from}`);
  return { [file]: changed };
}

test('the current table', () => {
  expect(complaints({})).toEqual([]);
});

test('a name without a spec', () => {
  const [first, ...more] = complaints(edited(names, "| 'explain'", "| 'explain' | 'conquer'"));
  expect(first).toMatch(/^contract.ts: Property 'conquer' is missing/);
  expect(more).toEqual([]);
});

test('an alias without a runner, and one of a command that does not exist', () => {
  const [first, ...more] = complaints(edited(names, "ps: 'status'", "ps: 'status', bye: 'stop'"));
  expect(first).toMatch(/^runners.ts: Property 'bye' is missing/);
  expect(more).toEqual([]);
  expect(complaints(edited(names, "ps: 'status'", "ps: 'sttaus'"))[0]).toMatch(/^names.ts: Type '"sttaus"' is not assignable/);
});

test('a spec without a runner, and one without a bundle', () => {
  for (const property of ['run', 'bundle']) {
    const [first] = complaints(edited(contract, new RegExp(`^ {4}${property}: .*\\n`, 'm'), ''));
    expect(first).toMatch(new RegExp(`^contract.ts: Property '${property}' is missing`));
  }
});

test('a spec under the name of another', () => {
  expect(complaints(edited(contract, "name: 'ports'", "name: 'check'"))[0]).toMatch(/^contract.ts: Type '"check"' is not assignable/);
});

test('a flag that is misspelt in its declaration or where it is read', () => {
  expect(complaints(edited(contract, "long: 'next'", "long: 'nxt'"))[0]).toMatch(/^contract.ts: Type '"nxt"' is not assignable/);
  expect(complaints(edited(status, "flags['watch']", "flags['wacth']"))[0]).toMatch(/^status.ts: Property 'wacth' does not exist/);
});

test('a word of our own without a runner', () => {
  const [first] = complaints(edited(words, 'typeof RELOAD_WORD', "typeof RELOAD_WORD | '__conquer'"));
  expect(first).toMatch(/^runners.ts: Property '__conquer' is missing/);
});
