/**
 * Collects the port references in the files of the repository. Each file that may say something is read once, by every source
 * that knows its kind.
 * A file that cannot be parsed becomes a finding, and the others are still read.
 */
import path from 'node:path';
import type { Finding, Reference } from '../model/drift.ts';
import type { Stack } from '../model/service.ts';
import { type Contract, contractOf } from './contract.ts';
import { fitsAny } from './glob.ts';
import { ignoredLines } from './ignore.ts';
import { type Judged, judgeAll } from './judge.ts';
import type { Note } from './note.ts';
import { type FileText, readTextFile } from './read.ts';
import { error } from './rules/rule.ts';
import { type PortSource, Unreadable } from './source.ts';
import { SOURCES } from './sources/list.ts';
import { walk } from './walk.ts';

export interface Repository {
  readonly contract: Contract;
  readonly references: readonly Reference[];
  /** The references to ports, each with its judgement. */
  readonly judged: readonly Judged[];
  /** Findings about files that could not be parsed. */
  readonly findings: readonly Finding[];
  readonly notes: readonly Note[];
  /** Number of files that say something about ports. */
  readonly files: number;
  readonly texts: ReadonlyMap<string, FileText>;
}

/** `overrides`: texts that replace or add files. Rejects only if the config's own folder cannot be read. */
export async function readRepository(stack: Stack, overrides: ReadonlyMap<string, string> = new Map()): Promise<Repository> {
  const { include, ignore } = stack.check;
  const [included, left] = [include === null ? () => true : fitsAny(include), fitsAny(ignore)];
  const kinds = (file: string) => SOURCES.filter((source) => source.matches(file));
  const wanted = (file: string) => kinds(file).length > 0 && included(file) && !left(file);
  const there = walk({ root: stack.root, wanted });
  const files = [...there, ...[...overrides.keys()].filter((file) => !there.includes(file) && wanted(file))];
  const all = { references: [] as Reference[], findings: [] as Finding[], notes: [] as Note[], texts: new Map<string, FileText>() };
  let relevantFiles = 0;
  for (const file of files) {
    const text = overrides.get(file);
    const read = text === undefined ? readTextFile(path.join(stack.root, file)) : { text, bom: false, hash: '' };
    if (read === 'gone') continue;
    if (typeof read === 'string') {
      all.notes.push({ kind: 'skipped', file, why: read });
      continue;
    }
    const found = await referencesIn(file, read.text, kinds(file));
    if (found === 'too-deep') {
      all.notes.push({ kind: 'skipped', file, why: found });
      continue;
    }
    if (found.references.length + found.findings.length === 0) continue;
    relevantFiles += 1;
    const ignored = ignoredLines(read.text);
    for (const one of found.references) if (!ignored.has(one.place.line)) all.references.push(one);
    all.findings.push(...found.findings);
    all.texts.set(file, read);
  }
  const contract = contractOf(stack);
  const judged = judgeAll(
    all.references.filter((one) => one.kind === 'port'),
    contract,
  );
  for (const one of all.references) if (one.kind === 'unresolved') all.notes.push({ ...one, kind: 'unresolved' });
  return { contract, judged, ...all, files: relevantFiles };
}

/** `too-deep`: a parser has run out of stack. */
async function referencesIn(
  file: string,
  text: string,
  sources: readonly PortSource[],
): Promise<{ readonly references: readonly Reference[]; readonly findings: readonly Finding[] } | 'too-deep'> {
  const references: Reference[] = [];
  const findings: Finding[] = [];
  for (const source of sources) {
    if (source.mayHavePorts && !source.mayHavePorts(text)) continue;
    try {
      // Pushed one by one, since a call accepts only so many arguments.
      for (const one of await source.read({ path: file, text })) references.push(one);
    } catch (failure) {
      if (failure instanceof RangeError) return 'too-deep';
      if (!(failure instanceof Unreadable)) throw failure;
      const { line, column, message } = failure;
      findings.push(
        error(
          'D120',
          `${file} ${message}`,
          { file, line, column, from: 0, to: 0 },
          { fix: 'fix the file, or exclude it with check.ignore' },
        ),
      );
    }
  }
  return { references, findings };
}
