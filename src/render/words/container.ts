/** A container in a sentence. */
import type { ContainerNames } from '../../model/container-names.ts';
import { harmless } from '../../model/harmless.ts';
import { shellWord } from '../../model/shell-word.ts';

/** `container shop-db-1 (postgres:16, compose project shop)`. */
export function containerWords({ name, image, project }: ContainerNames): string {
  const facts = [image === null ? null : harmless(image), project === null ? null : `compose project ${harmless(project)}`];
  const said = facts.filter((fact) => fact !== null).join(', ');
  return `container ${harmless(name)}${said === '' ? '' : ` (${said})`}`;
}

/** `docker stop shop-db-1`. */
export function stopContainerCommand({ engine, name }: ContainerNames): string {
  return `${engine} stop ${shellWord(harmless(name))}`;
}
