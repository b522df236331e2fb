/** Checks the config against the rest of the repository: reads what its files say about ports, then applies the rules. */
import type { Finding } from '../model/drift.ts';
import type { DescribeTrouble, PortFacts } from '../model/port-trouble.ts';
import type { Stack } from '../model/service.ts';
import { maskedFinding, maskedNote } from './masked.ts';
import type { Note } from './note.ts';
import type { FileText } from './read.ts';
import { readRepository } from './repository.ts';
import { RULES } from './rules/list.ts';

export interface CheckOptions extends PortFacts {
  readonly stack: Stack;
  /** The words of `render`, which this room does not see. */
  readonly describeTrouble: DescribeTrouble;
  /** Texts that replace or add files, to check a repository as it would be after a change. */
  readonly overrides?: ReadonlyMap<string, string>;
}

export interface CheckResult {
  readonly kind: 'files';
  /** Findings about the config alone first, then by file and line. */
  readonly findings: readonly Finding[];
  readonly notes: readonly Note[];
  /** Number of files that say something about ports. */
  readonly files: number;
  readonly references: number;
  /** The texts that the findings' places refer to, by file. */
  readonly texts: ReadonlyMap<string, FileText>;
}

/** Rejects only if the config's own folder cannot be read. */
export async function checkStack({ stack, overrides, ...given }: CheckOptions): Promise<CheckResult> {
  const { contract, references, judged, files, notes, texts, findings: unreadable } = await readRepository(stack, overrides);
  const facts = { contract, references, judged, ...given };
  return {
    kind: 'files',
    findings: sorted(withoutDuplicates([...RULES.flatMap((rule) => rule(facts)), ...unreadable])).map(maskedFinding),
    notes: notes.map(maskedNote),
    files,
    references: references.filter(({ kind }) => kind === 'port' || kind === 'origins').length,
    texts,
  };
}

/** A YAML anchor is read at each use, but a finding about it is reported once. */
function withoutDuplicates(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ code, place, service, message }) => {
    const key =
      place === null
        ? `${code} ${message}`
        : `${code} ${place.file}:${place.from}:${code === 'D109' ? service : ''}${code === 'D120' ? message : ''}`;
    return !seen.has(key) && seen.add(key);
  });
}

function sorted(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((a, b) => {
    if (a.place === null || b.place === null) return Number(a.place !== null) - Number(b.place !== null);
    if (a.place.file !== b.place.file) return a.place.file < b.place.file ? -1 : 1;
    return a.place.line - b.place.line || a.place.column - b.place.column;
  });
}
