/**
 * Judges each reference to a port against the config. A name, a folder or a script identifies the service; without these, the port's owner
 * does, if there is one. Addresses on other machines are not judged.
 */
import type { PortReference } from '../model/drift.ts';
import type { Service } from '../model/service.ts';
import type { Contract } from './contract.ts';
import { oneDigitApart } from './names.ts';
import { isLocal } from './sources/scan.ts';

export type Judgement =
  | { readonly kind: 'agrees'; readonly service: Service | null; readonly byName: boolean }
  /**
   * The service that is meant has other ports. `service` is null for a container that only the file knows. Not `sure`: the port may
   * differ on purpose. `further`: the place already has the service's own ports, or a closer match for them, so that replacing this one
   * would write a port twice.
   */
  | {
      readonly kind: 'different';
      readonly service: Service | null;
      readonly right: readonly number[];
      readonly sure: boolean;
      readonly further: boolean;
    }
  /** A client connects to a port that no service of the config has. */
  | { readonly kind: 'unowned'; readonly meant: Service | null; readonly sure: boolean }
  /** A program that the config does not know listens on the port. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'not-ours' };

type Different = Extract<Judgement, { readonly kind: 'different' }>;

export interface Judged {
  readonly reference: PortReference;
  readonly judgement: Judgement;
}

const NOT_OURS: Judgement = { kind: 'not-ours' };

export function judgeAll(references: readonly PortReference[], contract: Contract): readonly Judged[] {
  const judged = references.map((reference) => ({ reference, judgement: judge(reference, contract) }));
  const places = new Map<string, PortGroup>();
  for (const { reference, judgement } of judged) {
    const { port } = reference;
    const key = groupKey(reference);
    const here = places.get(key) ?? { right: new Set(), wrong: new Map() };
    if (judgement.kind === 'agrees') here.right.add(port);
    const meant = judgement.kind === 'different' ? meantPort(port, judgement.right) : null;
    if (meant !== null) {
      const rivals = here.wrong.get(meant) ?? { all: new Set(), slips: new Set() };
      rivals.all.add(port);
      if (oneDigitApart(meant, port)) rivals.slips.add(port);
      here.wrong.set(meant, rivals);
    }
    places.set(key, here);
  }
  return judged.map(({ reference, judgement }) => {
    const here = places.get(groupKey(reference));
    if (judgement.kind !== 'different' || reference.use === 'target' || !here) return { reference, judgement };
    return { reference, judgement: judgeInGroup(reference.port, judgement, here, contract) };
  });
}

/** Ports that are mentioned together: the service's own, and wrong ones by the port that they probably should be. */
interface PortGroup {
  readonly right: Set<number>;
  readonly wrong: Map<number, { readonly all: Set<number>; readonly slips: Set<number> }>;
}

/** A debugger's port, an admin page: a port the config does not know, unless it looks like a typing error. */
function judgeInGroup(port: number, judgement: Different, beside: PortGroup, contract: Contract): Judgement {
  const { right } = judgement;
  const isSlip = right.some((one) => oneDigitApart(one, port));
  if (right.length > 0 && right.every((one) => beside.right.has(one)))
    return contract.owner(port) !== null || isSlip ? { ...judgement, further: true } : { kind: 'unknown' };
  // If several ports would be replaced by the same one, only the nearest is.
  const meant = meantPort(port, right);
  const rivals = meant === null ? undefined : beside.wrong.get(meant);
  if (!rivals || rivals.all.size === 1 || (rivals.slips.size === 1 && rivals.slips.has(port))) return judgement;
  return { ...judgement, further: true };
}

/** A key for the place where a service's ports are mentioned together: a container's mappings, a table row, a script. */
function groupKey({ use, names: [name], place: { file, line } }: PortReference): string {
  return `${use} ${name ?? ''} ${use === 'publish' && name !== undefined ? '' : line} ${file}`;
}

function judge(reference: PortReference, contract: Contract): Judgement {
  const { port, use, host, names, allowed = [] } = reference;
  const named = contract.named(names);
  const service = named ?? folderService(reference, contract);
  const own = service?.ports.map((declared) => declared.port) ?? [];
  const right = [...new Set([...own, ...allowed])];
  if (right.includes(port)) return { kind: 'agrees', service, byName: named !== null };
  const elsewhere = use === 'target' && !isLocal(host);
  if (!service && elsewhere && allowed.length === 0) return NOT_OURS;
  const owner = contract.owner(port);
  const loose = reference.loose === true || (named === null && isAuxiliaryScript(names));
  if (loose && !resemblesDeclared(port, right, owner, contract)) return NOT_OURS;
  // If the config does not know a container, its file need not declare all of the container's ports.
  if (service || allowed.length > 0)
    return { kind: 'different', service, right: own.length > 0 ? own : right, sure: service !== null && !loose, further: false };
  if (owner) return { kind: 'agrees', service: owner, byName: false };
  if (use === 'target') return { kind: 'unowned', meant: contract.named(reference.hints ?? []), sure: !loose };
  return use === 'container' && loose ? NOT_OURS : { kind: 'unknown' };
}

/** Only a listening port belongs to the folder of its file; an address there may be any service's. */
function folderService({ use, names, place }: PortReference, contract: Contract): Service | null {
  const unnamed = names.every((name) => name.startsWith('script:'));
  return use === 'listen' && unnamed ? contract.ofFolder(place.file) : null;
}

/** A script other than those that start the service (`storybook`, `test:e2e`) may have its own port. */
function isAuxiliaryScript(names: readonly string[]): boolean {
  return names.length > 0 && names.every((name) => name.startsWith('script:') && !/:(dev|start|serve|develop)$/.test(name));
}

function resemblesDeclared(port: number, right: readonly number[], owner: Service | null, { stack }: Contract): boolean {
  const near = right.length > 0 ? right : stack.services.flatMap(({ ports }) => ports.map((declared) => declared.port));
  return owner !== null || near.some((one) => oneDigitApart(one, port));
}

/** The only port that can be meant; null if there are several. */
export function meantPort(port: number, right: readonly number[]): number | null {
  if (right.length === 1) return right[0] as number;
  const near = right.filter((one) => oneDigitApart(one, port));
  return near.length === 1 ? (near[0] as number) : null;
}
