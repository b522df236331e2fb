/**
 * Changes a text about one service into one about another: its name in all spellings (`auth-service`, `AUTH_URL`, `authPort`, `Auth
 * Service`) and its port. Everything else stays.
 */
import { plainName } from '../../model/service-name.ts';
import { isGeneric, nameWords } from '../names.ts';

export interface Renaming {
  readonly from: { readonly name: string; readonly port: number };
  readonly to: { readonly name: string; readonly port: number };
}

export function renameService(text: string, renaming: Renaming): string {
  return replacePort(replaceName(text, renaming.from.name, renaming.to.name), renaming);
}

export function replacePort(text: string, { from, to }: Renaming): string {
  return text.replaceAll(
    new RegExp(`(?<![\\w.-]|\\d:)${from.port}(?![\\w-]|\\.\\d)|(?<=[:\\s"'=-]|\\d:)${from.port}(?![\\w]|\\.\\d)`, 'g'),
    String(to.port),
  );
}

/** Replaces the whole name first, then the name without generic words such as `service` or `app`. */
export function replaceName(text: string, from: string, to: string): string {
  const whole = nameWords(from);
  const specific = whole.filter((word) => !isGeneric(word));
  const short = specific.length > 0 && specific.length < whole.length;
  const target = nameWords(to).filter((word) => !isGeneric(word));
  const parts = text.split(patternOf(whole));
  return parts
    .map((part, i) => {
      if (i % 2 === 1) return spellLike(part, to, nameWords(to), neighboursOf(parts, i));
      if (!short) return part;
      const pieces = part.split(patternOf(specific));
      return pieces.map((piece, k) => (k % 2 === 1 ? spellLike(piece, target.join('-'), target, neighboursOf(pieces, k)) : piece)).join('');
    })
    .join('');
}

/** Matches the words in order, with or without a separator between them, and not as part of another word. */
function patternOf(words: readonly string[]): RegExp {
  const any = words.map((word) => [...word].map((c) => (/[a-z]/.test(c) ? `[${c}${c.toUpperCase()}]` : c)).join('')).join('[-_ .]?');
  // A capital begins a new word: `authPort`, `useAuth`.
  return new RegExp(
    `((?<![A-Za-z0-9])${any}(?![A-Za-z0-9])|(?<![A-Za-z0-9])${any}(?=[A-Z][a-z])|(?<=[a-z0-9])(?=[A-Z])${any}(?![a-z0-9]))`,
  );
}

interface Neighbours {
  readonly before: string;
  readonly after: string;
}

function neighboursOf(parts: readonly string[], i: number): Neighbours {
  return { before: parts[i - 1]?.at(-1) ?? '', after: parts[i + 1]?.[0] ?? '' };
}

/** Writes the new name in the spelling of `found`. */
function spellLike(found: string, name: string, words: readonly string[], { before, after }: Neighbours): string {
  const separator = /[-_ .]/.exec(found)?.[0];
  const letters = found.replace(/[^A-Za-z]/g, '');
  const capital = (word: string) => word.slice(0, 1).toUpperCase() + word.slice(1);
  if (letters.length > 1 && letters === letters.toUpperCase()) return words.join(separator ?? '_').toUpperCase();
  if (/[A-Z]/.test(found)) {
    const inside = /[A-Za-z0-9]/.test(before) || /[A-Za-z0-9]/.test(after) || (separator === undefined && /[a-z][A-Z]/.test(found));
    const joined = words.map(capital).join(separator ?? (inside ? '' : ' '));
    return /^[a-z]/.test(found) ? joined.slice(0, 1).toLowerCase() + joined.slice(1) : joined;
  }
  if (separator !== undefined) return words.join(separator);
  if (/[A-Z]/.test(after)) return words.map((word, i) => (i === 0 ? word : capital(word))).join('');
  return before === '_' || after === '_' ? words.join('_') : plainName(name);
}
