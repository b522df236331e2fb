/** Adds the origin of a new frontend to every list that allows a sibling's. */
import type { OriginsReference } from '../../model/drift.ts';
import type { SourceFile } from '../source.ts';
import { SOURCES } from '../sources/list.ts';
import type { Addition, Insertion } from './addition.ts';

export async function newOrigins(file: SourceFile, addition: Addition): Promise<readonly Insertion[]> {
  if (!addition.isFrontend || !/ORIGIN|CORS/i.test(file.text)) return [];
  const references = (
    await Promise.all(
      SOURCES.filter((one) => one.matches(file.path) && one.mayHavePorts?.(file.text) !== false).map((one) => one.read(file)),
    )
  ).flat();
  const generated = addition.generated(file.text);
  return references.flatMap((one) => {
    if (one.kind !== 'origins' || one.list === 'hosts') return [];
    if (generated && generated.from <= one.place.from && one.place.to <= generated.to) return [];
    return besideSibling(one, file.text, addition);
  });
}

function besideSibling({ entries }: OriginsReference, text: string, addition: Addition): readonly Insertion[] {
  if (entries.some(({ value }) => portOf(value) === addition.port)) return [];
  for (const sibling of addition.siblings) {
    const port = sibling.ports[0]?.port;
    const entry = entries.find(({ value }) => portOf(value) === port);
    if (!entry) continue;
    const fresh = entry.value.replace(/:\d+$/, `:${addition.port}`);
    return [{ at: entry.place.to, text: separatorFor(entries, entry, text) + fresh }];
  }
  return [];
}

type Entries = OriginsReference['entries'];

/** The text between two entries of the list. With a single entry, it is a comma, with quotes if the entry has its own. */
function separatorFor(entries: Entries, entry: Entries[number], text: string): string {
  const at = entries.indexOf(entry);
  const { from, to } = entry.place;
  const [one, other] = at > 0 ? [entries[at - 1], entries[at]] : [entries[0], entries[1]];
  if (one && other) return text.slice(one.place.to, other.place.from);
  const quote = /["']/.exec(text[from - 1] ?? '')?.[0];
  const listed = quote !== undefined && text[to] === quote && /[[(,]\s*$/.test(text.slice(0, from - 1));
  return listed ? `${quote}, ${quote}` : ',';
}

function portOf(origin: string): number | null {
  const digits = /^https?:\/\/[^/:]+:(\d+)$/.exec(origin)?.[1];
  return digits === undefined ? null : Number(digits);
}
