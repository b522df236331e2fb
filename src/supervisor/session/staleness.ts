import type { Core } from './core.ts';

/** What runs differently from the file, and what runs without being in it. */
export function staleness(core: Core): { readonly changed: readonly string[]; readonly removed: readonly string[] } {
  const { fingerprint } = core.options;
  const changed: string[] = [];
  const removed: string[] = [];
  for (const [name, actor] of core.actors) {
    const service = core.file.services.find((candidate) => candidate.name === name);
    if (!service) removed.push(name);
    // Until the file is read again both are the same object.
    else if (service !== actor.service && fingerprint(service) !== fingerprint(actor.service)) changed.push(name);
  }
  return { changed, removed };
}
