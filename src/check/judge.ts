/**
 * What one reference to a port is to the config. A service is meant by a name, a folder or a script; where none of them
 * tells, the port itself does, if somebody owns it. What leads to other machines is none of ours.
 */
import type { PortReference } from '../model/drift.ts';
import type { Service } from '../model/service.ts';
import type { Contract } from './contract.ts';
import { oneDigitApart } from './names.ts';
import { isLocal } from './sources/scan.ts';

export type Judgement =
  | { readonly kind: 'agrees'; readonly service: Service | null; readonly byName: boolean }
  /**
   * The one that is meant has other ports. Null: a container that only the file knows. Not sure: it may be on purpose.
   * Further: its own ports stand beside it, or something nearer to them, and nothing is mended by writing one of them twice.
   */
  | {
      readonly kind: 'different';
      readonly service: Service | null;
      readonly right: readonly number[];
      readonly sure: boolean;
      readonly further: boolean;
    }
  /** Somebody connects there, and nobody of the config listens. */
  | { readonly kind: 'unowned'; readonly meant: Service | null; readonly sure: boolean }
  /** Somebody listens there whom the config does not know. */
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
  const places = new Map<string, Together>();
  for (const { reference, judgement } of judged) {
    const { port } = reference;
    const key = placeOfAll(reference);
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
    const here = places.get(placeOfAll(reference));
    if (judgement.kind !== 'different' || reference.use === 'target' || !here) return { reference, judgement };
    return { reference, judgement: amongOthers(reference.port, judgement, here, contract) };
  });
}

/** The ports that stand together: those of the service, and others, by the port that they should probably be. */
interface Together {
  readonly right: Set<number>;
  readonly wrong: Map<number, { readonly all: Set<number>; readonly slips: Set<number> }>;
}

/** A debugger's port, an admin page: unless it looks like a slip, it is one more port that the config does not know. */
function amongOthers(port: number, judgement: Different, beside: Together, contract: Contract): Judgement {
  const { right } = judgement;
  const isSlip = right.some((one) => oneDigitApart(one, port));
  if (right.length > 0 && right.every((one) => beside.right.has(one)))
    return contract.owner(port) !== null || isSlip ? { ...judgement, further: true } : { kind: 'unknown' };
  // Of several that would become one and the same port, only the one that nearly is.
  const meant = meantPort(port, right);
  const rivals = meant === null ? undefined : beside.wrong.get(meant);
  if (!rivals || rivals.all.size === 1 || (rivals.slips.size === 1 && rivals.slips.has(port))) return judgement;
  return { ...judgement, further: true };
}

/** Where all the ports of one service stand together: what a container publishes, a row of a table, a script. */
function placeOfAll({ use, names: [name], place: { file, line } }: PortReference): string {
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
  const loose = reference.loose === true || (named === null && isAside(names));
  if (loose && !looksMeant(port, right, owner, contract)) return NOT_OURS;
  // Of a container that the config does not know, the file need not say all.
  if (service || allowed.length > 0)
    return { kind: 'different', service, right: own.length > 0 ? own : right, sure: service !== null && !loose, further: false };
  if (owner) return { kind: 'agrees', service: owner, byName: false };
  if (use === 'target') return { kind: 'unowned', meant: contract.named(reference.hints ?? []), sure: !loose };
  return use === 'container' && loose ? NOT_OURS : { kind: 'unknown' };
}

/** Only what is told to listen belongs to the folder it stands in; an address there may be anybody's. */
function folderService({ use, names, place }: PortReference, contract: Contract): Service | null {
  const unnamed = names.every((name) => name.startsWith('script:'));
  return use === 'listen' && unnamed ? contract.ofFolder(place.file) : null;
}

/** A script beside those that start the service (`storybook`, `test:e2e`) may well have a port of its own. */
function isAside(names: readonly string[]): boolean {
  return names.length > 0 && names.every((name) => name.startsWith('script:') && !/:(dev|start|serve|develop)$/.test(name));
}

function looksMeant(port: number, right: readonly number[], owner: Service | null, { stack }: Contract): boolean {
  const near = right.length > 0 ? right : stack.services.flatMap(({ ports }) => ports.map((declared) => declared.port));
  return owner !== null || near.some((one) => oneDigitApart(one, port));
}

/** The one port that must be meant; null when there are several. */
export function meantPort(port: number, right: readonly number[]): number | null {
  if (right.length === 1) return right[0] as number;
  const near = right.filter((one) => oneDigitApart(one, port));
  return near.length === 1 ? (near[0] as number) : null;
}
