import type { Core } from './core.ts';

/** `changed`: services whose running definition differs from the config. `removed`: services that the config no longer declares. */
export function staleness(core: Core): { readonly changed: readonly string[]; readonly removed: readonly string[] } {
  const { fingerprint } = core.options;
  const changed: string[] = [];
  const removed: string[] = [];
  for (const [name, actor] of core.actors) {
    const service = core.file.services.find((candidate) => candidate.name === name);
    if (!service) removed.push(name);
    // Both are the same object until the config is read again.
    else if (service !== actor.service && fingerprint(service) !== fingerprint(actor.service)) changed.push(name);
  }
  return { changed, removed };
}
