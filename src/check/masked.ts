/** Hides passwords and tokens in what a check reports: it quotes lines of `.env` files, and reports end in the logs of CI. */
import type { Finding } from '../model/drift.ts';
import { maskSecrets } from '../model/secrets.ts';
import type { Note } from './note.ts';

/** A quick test, since a table may have a hundred thousand ports and each of them a finding. */
const MAY_HOLD_SECRET = /@|pass|pwd|secret|token|key|auth|cred|sig|bearer|cookie|session|jwt|pat\b/i;

export function maskedFinding(finding: Finding): Finding {
  const { message, expected, found, fix } = finding;
  return { ...finding, message: maskedText(message), expected: masked(expected), found: masked(found), fix: masked(fix) };
}

export function maskedNote(note: Note): Note {
  return note.kind === 'skipped' ? note : { ...note, text: maskedText(note.text) };
}

function masked(text: string | null): string | null {
  return text === null ? null : maskedText(text);
}

function maskedText(text: string): string {
  return MAY_HOLD_SECRET.test(text) ? maskSecrets(text) : text;
}
