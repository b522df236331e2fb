/** The facts that `doctor` finds out; `render/words/doctor.ts` makes a line of each. */
import type { Failure } from './failure.ts';
import type { PortTrouble } from './port-trouble.ts';
import type { PortHolder } from './session.ts';

/** `note`: worth knowing, and nothing is broken by it. */
export type CheckHealth = 'ok' | 'note' | 'problem';

export type DoctorCheck = { readonly health: CheckHealth } & CheckFacts;

type CheckFacts =
  | { readonly name: 'devup'; readonly version: string; readonly bin: string }
  /** `health`: a problem when the version is too old. */
  | { readonly name: 'node'; readonly version: string; readonly execPath: string }
  | { readonly name: 'platform'; readonly system: string; readonly user: 'root' | 'ordinary' | 'unknown' }
  | {
      readonly name: 'tools';
      readonly found: readonly string[];
      readonly missing: readonly string[];
      /** Missing, but not needed. */
      readonly missingOptional: readonly string[];
    }
  /** `hidden`: other users' processes are not shown. */
  | { readonly name: '/proc'; readonly state: 'readable' | 'hidden' | { readonly errno: string } }
  | {
      readonly name: 'containers';
      readonly installed: readonly string[];
      /** The engine that answers. */
      readonly running: { readonly engine: string; readonly version: string } | null;
      /** The services that run in containers. */
      readonly neededBy: readonly string[];
    }
  /** Names only: the report is made to be shown to others. */
  | { readonly name: 'environment'; readonly variables: readonly string[] }
  | { readonly name: 'config'; readonly found: ConfigFound }
  | {
      readonly name: 'ports';
      readonly ephemeral: readonly [number, number] | null;
      readonly excluded: readonly (readonly [number, number])[];
      readonly troubles: readonly { readonly port: number; readonly service: string; readonly trouble: PortTrouble }[];
    }
  /** The ports on which its receiver listens. */
  | { readonly name: 'AirPlay'; readonly ports: readonly number[] }
  | { readonly name: 'session'; readonly found: SessionFound }
  /** The services whose ports others hold. */
  | {
      readonly name: 'holders';
      readonly taken: readonly { readonly service: string; readonly port: number | null; readonly holders: readonly PortHolder[] }[];
    }
  | { readonly name: 'leftovers'; readonly found: LeftoversFound }
  /** The space on the file system of the stack's records and logs. */
  | { readonly name: 'disk'; readonly freeBytes: number };

export type ConfigFound =
  | { readonly kind: 'none' }
  | { readonly kind: 'loaded'; readonly file: string; readonly services: number; readonly optional: number; readonly ports: number }
  | { readonly kind: 'failed'; readonly failure: Failure };

export type SessionFound =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'running';
      readonly pid: number | undefined;
      readonly version: string | undefined;
      readonly ready: number;
      readonly services: number;
    }
  | { readonly kind: 'failed'; readonly failure: Failure };

export type LeftoversFound =
  | { readonly kind: 'processes'; readonly processes: readonly { readonly pid: number; readonly name: string; readonly service: string }[] }
  /** The session does not say which processes are its own. */
  | { readonly kind: 'silent-session' }
  /** The session lives in another network namespace. */
  | { readonly kind: 'other-namespace'; readonly failure: Failure };
