/**
 * The config against the rest of the repository: every file that may say something about ports is read once, by all
 * sources that know its kind; then the rules compare. A file that cannot be read as what it is becomes a finding, and the
 * rest is checked on.
 */
import path from 'node:path';
import type { Finding, Place, Reference, UnresolvedReference } from '../model/drift.ts';
import type { Stack } from '../model/service.ts';
import { contractOf } from './contract.ts';
import { fitsAny } from './glob.ts';
import { ignoredLines } from './ignore.ts';
import { judge } from './judge.ts';
import { type FileText, readText, type Unread } from './read.ts';
import { RULES } from './rules/list.ts';
import { error } from './rules/rule.ts';
import { type PortSource, Unreadable } from './source.ts';
import { SOURCES } from './sources/list.ts';
import { walk } from './walk.ts';

export interface CheckOptions {
  readonly stack: Stack;
  /** Ports that the system takes for outgoing connections, ends included; null where it does not tell. */
  readonly ephemeral: readonly [number, number] | null;
  readonly platform: string;
}

/** What was not compared, and why. */
export type Note =
  | { readonly kind: 'skipped'; readonly file: string; readonly why: Exclude<Unread, 'gone'> }
  | { readonly kind: 'unresolved'; readonly place: Place; readonly text: string; readonly why: UnresolvedReference['why'] };

export interface CheckResult {
  /** Those of the config first, then by file and line. */
  readonly findings: readonly Finding[];
  readonly notes: readonly Note[];
  /** Files that say something about ports. */
  readonly files: number;
  readonly references: number;
  /** What the findings' places were taken from, by file. */
  readonly texts: ReadonlyMap<string, FileText>;
}

/** Rejects only when the config's own folder cannot be read. */
export async function check({ stack, ephemeral, platform }: CheckOptions): Promise<CheckResult> {
  const { include, ignore } = stack.check;
  const [included, left] = [include === null ? () => true : fitsAny(include), fitsAny(ignore)];
  const kinds = (file: string) => SOURCES.filter((source) => source.matches(file));
  const files = walk({ root: stack.root, wanted: (file) => kinds(file).length > 0 && included(file) && !left(file) });
  const all = { references: [] as Reference[], findings: [] as Finding[], notes: [] as Note[], texts: new Map<string, FileText>() };
  let concerned = 0;
  for (const file of files) {
    const read = readText(path.join(stack.root, file));
    if (read === 'gone') continue;
    if (typeof read === 'string') {
      all.notes.push({ kind: 'skipped', file, why: read });
      continue;
    }
    const found = await referencesIn(file, read.text, kinds(file));
    if (found.references.length + found.findings.length === 0) continue;
    concerned += 1;
    const ignored = ignoredLines(read.text);
    all.references.push(...found.references.filter(({ place }) => !ignored.has(place.line)));
    all.findings.push(...found.findings);
    all.texts.set(file, read);
  }
  const contract = contractOf(stack);
  const judged = all.references.flatMap((reference) =>
    reference.kind === 'port' ? [{ reference, judgement: judge(reference, contract) }] : [],
  );
  const facts = { contract, references: all.references, judged, ephemeral, platform };
  const findings = [...RULES.flatMap((rule) => rule(facts)), ...all.findings];
  for (const one of all.references) if (one.kind === 'unresolved') all.notes.push({ ...one, kind: 'unresolved' });
  return {
    findings: inOrder(once(findings)),
    notes: all.notes,
    files: concerned,
    references: all.references.filter(({ kind }) => kind === 'port' || kind === 'origins').length,
    texts: all.texts,
  };
}

async function referencesIn(
  file: string,
  text: string,
  sources: readonly PortSource[],
): Promise<{ readonly references: readonly Reference[]; readonly findings: readonly Finding[] }> {
  const references: Reference[] = [];
  const findings: Finding[] = [];
  for (const source of sources) {
    if (source.mayConcern && !source.mayConcern(text)) continue;
    try {
      references.push(...(await source.read({ path: file, text })));
    } catch (failure) {
      if (!(failure instanceof Unreadable)) throw failure;
      const { line, column, message } = failure;
      findings.push(
        error('D120', `${file} ${message}`, { file, line, column, from: 0, to: 0 }, { fix: 'mend the file, or name it in check.ignore' }),
      );
    }
  }
  return { references, findings };
}

/** An anchor is read wherever it is used, but stands in one place. */
function once(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ code, place, service, message }) => {
    const key =
      place === null
        ? `${code} ${message}`
        : `${code} ${place.file}:${place.from}:${code === 'D109' ? service : ''}${code === 'D120' ? message : ''}`;
    return !seen.has(key) && seen.add(key);
  });
}

function inOrder(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((a, b) => {
    if (a.place === null || b.place === null) return Number(a.place !== null) - Number(b.place !== null);
    if (a.place.file !== b.place.file) return a.place.file < b.place.file ? -1 : 1;
    return a.place.line - b.place.line || a.place.column - b.place.column;
  });
}
