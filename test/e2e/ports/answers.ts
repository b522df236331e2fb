/** The answers of `devup` about ports, in the shapes that its users rely on. */
import { inject } from 'vitest';
import { processRow } from '../../../scripts/world.mjs';
import type { Answer, Rig, RunOptions } from '../../rig/rig.ts';

export interface HolderJson {
  readonly pid: number;
  readonly startedAt: string;
  readonly command: string;
  readonly cwd: string | null;
  readonly user: string;
  readonly addresses: readonly string[];
  readonly container: string | null;
  readonly image: string | null;
  readonly stack: { readonly id: string; readonly service: string } | null;
}

export interface ProblemJson {
  readonly code: string;
  readonly message: string;
  readonly why: string | null;
  readonly fix: string | null;
}

export interface KilledJson {
  readonly port: number;
  readonly outcome: 'freed' | 'was-free' | 'refused' | 'failed' | 'would-free';
  readonly killed: readonly { readonly pid: number; readonly command: string; readonly signal: string }[];
  readonly holders: readonly HolderJson[];
  readonly problem: ProblemJson | null;
}

export interface ServiceJson {
  readonly name: string;
  readonly state: string;
  readonly pid: number | null;
  readonly port: number | null;
  readonly verdict: string;
  readonly holders: readonly HolderJson[];
  readonly problem: ProblemJson | null;
}

export interface StatusJson {
  readonly id: string;
  readonly session: { readonly pid: number } | null;
  readonly services: readonly ServiceJson[];
}

export interface KillAnswer extends Answer {
  readonly ports: readonly KilledJson[];
  /** The first port's. */
  readonly first: KilledJson;
}

export async function kill(rig: Rig, words: readonly (number | string)[], options: RunOptions = {}): Promise<KillAnswer> {
  const answer = await rig.devup(['kill', ...words.map(String), '--json'], options);
  const { ports = [] } = answer.json() as { ports?: readonly KilledJson[] };
  const [first] = ports;
  if (!first) throw new Error(`no port in ${answer.stdout}`);
  return { ...answer, ports, first };
}

export async function status(rig: Rig, options: RunOptions = {}): Promise<StatusJson> {
  return (await rig.devup(['status', '--json'], options)).json() as StatusJson;
}

/** By name, each with its entry in `status`. */
export async function services(rig: Rig, options: RunOptions = {}): Promise<Readonly<Record<string, ServiceJson>>> {
  return Object.fromEntries((await status(rig, options)).services.map((service) => [service.name, service]));
}

/** The NDJSON of `start`. */
export function eventsOf(answer: Answer): readonly Record<string, unknown>[] {
  return answer.stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

export function isAlive(pid: number): boolean {
  return processRow(pid) !== null;
}

/** For a program of the test that runs devup. */
export function devupCommand(args: readonly string[]): readonly string[] {
  return [process.execPath, inject('devup'), ...args];
}
