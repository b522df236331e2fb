import type { Finding } from '../../model/drift.ts';
import type { Note } from '../note.ts';
import type { Report } from './text.ts';

/** The fields of `check --json`. */
export function checkJson(report: Report) {
  return {
    findings: report.findings.map(findingJson),
    notes: report.notes.map(noteJson),
    checked:
      report.kind === 'files'
        ? { files: report.files, references: report.references }
        : { files: report.files, references: 0, services: report.services, requests: report.requests },
  };
}

function noteJson(note: Note) {
  const { kind, why } = note;
  switch (note.kind) {
    case 'skipped':
      return { kind, file: note.file, line: null, column: null, text: null, why };
    case 'unresolved':
      return { kind, file: note.place.file, line: note.place.line, column: note.place.column, text: note.text, why };
    case 'live':
      return { kind, service: note.service, file: null, line: null, column: null, text: note.text, why };
  }
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
