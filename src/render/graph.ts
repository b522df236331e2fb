/**
 * The start order as a picture: a tree for terminals, mermaid for documents, dot for Graphviz. In the tree, a service with several
 * dependencies hangs below the dependency that starts last; the column AFTER names all dependencies.
 */

import { harmless } from '../model/harmless.ts';
import type { Plan, PlannedService } from '../model/plan.ts';
import { isExternal, isTask } from '../model/service.ts';
import { type Paint, painter } from './style.ts';
import { table } from './table.ts';

export type GraphFormat = 'text' | 'mermaid' | 'dot';

export function drawGraph(plan: Plan, name: string, format: GraphFormat, colour: boolean): string {
  switch (format) {
    case 'text':
      return tree(plan, painter(colour));
    case 'mermaid':
      return mermaid(plan);
    case 'dot':
      return dot(plan, name);
  }
}

export function graphJson({ services, waves }: Plan) {
  return {
    waves: waves.map((wave) => wave.map(({ service }) => service.name)),
    services: services.map(({ service, wave, dependencies }) => ({
      name: service.name,
      wave: wave + 1,
      kind: kindOf(service),
      optional: isOptional(service),
      ports: Object.fromEntries(service.ports.map(({ name, port }) => [name, port])),
      dependsOn: Object.fromEntries(dependencies.map(({ service: on, condition }) => [on, condition])),
    })),
  };
}

function tree(plan: Plan, paint: Paint): string {
  const below = new Map<string | null, PlannedService[]>();
  for (const planned of plan.services) {
    const parent = parentOf(planned, plan);
    below.set(parent, [...(below.get(parent) ?? []), planned]);
  }
  const rows: string[][] = [];
  const draw = (planned: PlannedService, lead: string, next: string) => {
    const { service, dependencies, wave } = planned;
    const after = dependencies.map((one) => `${harmless(one.service)} ${one.condition}`).join(', ') || '-';
    rows.push([String(wave + 1), paint('dim', lead) + harmless(service.name), portsOf(planned) || '-', after, notesOf(planned).join(', ')]);
    const children = below.get(service.name) ?? [];
    for (const [i, child] of children.entries()) {
      const last = i === children.length - 1;
      draw(child, `${next}${last ? '└─ ' : '├─ '}`, `${next}${last ? '   ' : '│  '}`);
    }
  };
  for (const root of below.get(null) ?? []) draw(root, '', '');
  return table([{ title: 'WAVE' }, { title: 'SERVICE' }, { title: 'PORT' }, { title: 'AFTER' }, { title: '' }], rows);
}

function parentOf({ dependencies }: PlannedService, { services }: Plan): string | null {
  const waves = new Map(services.map(({ service, wave }) => [service.name, wave]));
  let parent: string | null = null;
  for (const { service } of dependencies) {
    if (parent === null || (waves.get(service) ?? 0) > (waves.get(parent) ?? 0)) parent = service;
  }
  return parent;
}

function mermaid({ services, waves }: Plan): string {
  const ids = idsOf(services);
  const lines = ['flowchart LR'];
  for (const [i, wave] of waves.entries()) {
    lines.push(`  subgraph wave${i + 1} ["wave ${i + 1}"]`);
    for (const planned of wave) {
      const label = labelOf(planned).map(forMermaid).join('<br/>');
      const dashed = isOptional(planned.service) ? ':::optional' : '';
      lines.push(`    ${ids.get(planned.service.name)}["${label}"]${dashed}`);
    }
    lines.push('  end');
  }
  for (const { service, dependencies } of services) {
    for (const one of dependencies) lines.push(`  ${ids.get(one.service)} -->|${one.condition}| ${ids.get(service.name)}`);
  }
  if (services.some(({ service }) => isOptional(service))) lines.push('  classDef optional stroke-dasharray: 4 4');
  return `${lines.join('\n')}\n`;
}

function dot({ services, waves }: Plan, name: string): string {
  const lines = [`digraph ${quoted(name)} {`, '  rankdir=LR;', '  node [shape=box];'];
  for (const planned of services) {
    const label = `"${labelOf(planned).map(forDot).join('\\n')}"`;
    lines.push(`  ${quoted(planned.service.name)} [label=${label}${isOptional(planned.service) ? ', style=dashed' : ''}];`);
  }
  for (const wave of waves) lines.push(`  { rank=same; ${wave.map(({ service }) => `${quoted(service.name)};`).join(' ')} }`);
  for (const { service, dependencies } of services) {
    for (const one of dependencies) lines.push(`  ${quoted(one.service)} -> ${quoted(service.name)} [label="${one.condition}"];`);
  }
  return `${lines.join('\n')}\n}\n`;
}

function labelOf(planned: PlannedService): readonly string[] {
  return [planned.service.name, portsOf(planned), notesOf(planned).join(', ')].filter((line) => line !== '').map(harmless);
}

function portsOf({ service }: PlannedService): string {
  return service.ports.map(({ port }) => port).join(', ');
}

function notesOf({ service }: PlannedService): readonly string[] {
  const kind = kindOf(service);
  return [...(kind === 'service' ? [] : [kind]), ...(isOptional(service) ? ['optional'] : [])];
}

function kindOf(service: PlannedService['service']): 'service' | 'task' | 'external' {
  if (isExternal(service)) return 'external';
  return isTask(service) ? 'task' : 'service';
}

/** A plain `devup start` leaves such a service out. */
function isOptional({ optional, profiles }: PlannedService['service']): boolean {
  return optional || profiles.length > 0;
}

/** Mermaid restricts ids; names of services are unrestricted. */
function idsOf(services: Plan['services']): ReadonlyMap<string, string> {
  return new Map(services.map(({ service }, i) => [service.name, `s${i + 1}`]));
}

function forMermaid(text: string): string {
  return text.replaceAll(/[#"<>&]/g, (character) => `#${character.codePointAt(0)};`);
}

function forDot(text: string): string {
  return text.replaceAll(/["\\]/g, (character) => `\\${character}`);
}

function quoted(text: string): string {
  return `"${forDot(harmless(text))}"`;
}
