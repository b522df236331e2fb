import type { Finding } from '../../model/drift.ts';
import type { CheckResult } from '../check.ts';

/** The fields of `check --json`. */
export function checkJson({ findings, notes, files, references }: CheckResult) {
  return {
    findings: findings.map(findingJson),
    notes: notes.map((note) =>
      note.kind === 'skipped'
        ? { kind: note.kind, file: note.file, line: null, column: null, text: null, why: note.why }
        : { kind: note.kind, file: note.place.file, line: note.place.line, column: note.place.column, text: note.text, why: note.why },
    ),
    checked: { files, references },
  };
}

function findingJson({ code, severity, service, port, place, expected, found, message, fix }: Finding) {
  return {
    code,
    severity,
    service,
    port,
    file: place?.file ?? null,
    line: place?.line ?? null,
    column: place?.column ?? null,
    expected,
    found,
    message,
    fix,
  };
}
