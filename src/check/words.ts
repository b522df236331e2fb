/** The sentences for finding codes, and for what was not compared. */
import type { DriftCode } from '../model/drift.ts';
import type { EditRefusal } from './edit.ts';
import type { Note } from './note.ts';

export const MEANINGS: Readonly<Record<DriftCode, string>> = {
  D101: 'Two services of one file have the same port',
  D102: 'A file that names a service has another port than the config',
  D103: 'An address leads to a port on which no service listens',
  D104: "A backend does not allow the frontend's origin",
  D105: 'A list of hosts or origins has an entry that is not valid',
  D106: "A service's port lies in the range of another category",
  D107: "A service's port lies in no range",
  D108: 'A development server may move to another port on its own',
  D109: 'A service of the config is missing from a file that lists the others',
  D110: 'A file has a service, or a port, that the config does not declare',
  D111: 'A table of a document disagrees with the config',
  D112: 'A port causes trouble wherever it is used',
  D113: 'A server listens for more machines than `host` in the config says, or on another address',
  D120: 'A file could not be parsed',
  D201: 'A service does not listen on its declared ports, listens on others, or accepts no connections',
  D202: "A backend refuses the frontend's origin",
  D203: 'A link does not answer',
  D204: 'A route does not reach its service',
};

export function describeNote(note: Note): string {
  if (note.kind === 'skipped') return `${note.file}  ${SKIPPED[note.why]}`;
  if (note.kind === 'live') return note.text;
  const { file, line, column } = note.place;
  const text = note.text.replaceAll(/\s+/g, ' ').trim();
  return `${file}:${line}:${column}  ${UNRESOLVED[note.why]}${note.why === 'template' ? '' : `: ${text.slice(0, 60)}`}`;
}

const SKIPPED: Readonly<Record<Extract<Note, { kind: 'skipped' }>['why'], string>> = {
  'not-a-file': 'is no regular file and was not read',
  'too-large': 'is larger than 2 MiB and was not read',
  binary: 'is not text and was not read',
  unreadable: 'cannot be read',
  'too-deep': 'nests too deeply and was not read',
};

const UNRESOLVED: Readonly<Record<Extract<Note, { kind: 'unresolved' }>['why'], string>> = {
  variable: 'depends on a variable',
  template: 'is a template and was not read',
  'not-static': 'is known only when the program runs',
};

export function describeEditRefusal(file: string, refusal: EditRefusal): string {
  const why: Readonly<Record<EditRefusal, string>> = {
    changed: 'has changed since it was read; check again',
    'read-only': 'is read-only',
    outside: 'is reached through a link that leaves the repository',
    'not-utf8': 'is not UTF-8, and writing it would change more than the port',
  };
  return `${file} was not changed: it ${why[refusal]}`;
}
