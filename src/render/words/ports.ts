/** E2xx: ports that cannot be claimed or freed. */

import type { FailureOf } from '../../model/failure.ts';
import { harmless } from '../../model/harmless.ts';
import type { PortState } from '../../model/port.ts';
import type { PortRefusal } from '../../model/port-refusal.ts';
import { describeHolder, nameHolder, nameHolders } from './holder.ts';
import { unmetClause } from './readiness.ts';
import { hidden, type Refusal, refusal } from './refusal.ts';
import { endCommand, type Viewer, type Words } from './viewer.ts';

export function portsHeld(f: FailureOf<'E201'>, viewer: Viewer): Words {
  const [first] = f.refusals;
  if (first && f.refusals.length === 1) {
    const { why, fix } = refusalWords(first, viewer);
    return { what: `${subject(first)} is held`, why: `${holderOf(first.state, viewer)}${why === '' ? '' : `: ${why}`}`, fix };
  }
  return {
    what: `${f.refusals.length} ports are held; nothing was started and nothing was killed`,
    why: null,
    fix: 'free each of them, then start again',
    details: f.refusals.flatMap((one) => {
      const { why, fix } = refusalWords(one, viewer);
      return [`${subject(one)}  ${holderOf(one.state, viewer)}`, ...(why === '' ? [] : [`  why  ${why}`]), `  fix  ${fix}`];
    }),
  };
}

export function refusalWords(one: PortRefusal, viewer: Viewer): Refusal {
  if ('refused' in one.because) return refusal(one.because.refused, one.because.holder, one.port, viewer);
  if ('reusedBy' in one.because) {
    const reuser = harmless(one.because.reusedBy);
    return {
      why: `${reuser} of this plan reuses it (onConflict: reuse), so devup does not end it for another service`,
      fix: `make it listen only on the port of ${reuser}, or  devup kill ${one.port}  to let devup start ${reuser} itself`,
    };
  }
  const kill = `devup kill ${one.port}  or start with --on-conflict=kill`;
  switch (one.because.policy) {
    case 'ask':
      return { why: 'its policy is onConflict: ask, and the answer was no, or there was no terminal to ask in', fix: kill };
    case 'fail':
      return { why: 'its policy is onConflict: fail', fix: kill };
  }
}

export function portStillHeld(f: FailureOf<'E202'>, viewer: Viewer): Words {
  if (f.respawnedBy) {
    return {
      what: `${f.port} is held again`,
      why: `${nameHolder(f.respawnedBy, viewer)} started a new process on it`,
      fix: `end that one: ${endCommand([f.respawnedBy.pid], 'ask', viewer)}`,
    };
  }
  return {
    what: `${f.port} is still held`,
    why: f.state.kind === 'hidden' ? hidden(f.state.reason, f.port, viewer).why : holderOf(f.state, viewer),
    fix: f.graceful
      ? `it is a database server that may still be writing; wait, or kill it: devup kill ${f.port} --force`
      : f.state.kind === 'hidden'
        ? hidden(f.state.reason, f.port, viewer).fix
        : `devup kill ${f.port} --force`,
  };
}

export function reuseFailed(f: FailureOf<'E203'>, viewer: Viewer): Words {
  const reasons = f.unmet.map((unmet) => unmetClause(unmet, viewer));
  return {
    what: `the server on ${f.port} cannot be reused as ${f.service}`,
    why: [f.holders.length > 0 ? nameHolders(f.holders, viewer) : 'its holder cannot be seen', ...reasons].join('; '),
    fix: `devup kill ${f.port}  to let devup start ${f.service}, or make the running server pass the test`,
  };
}

export function badPort(f: FailureOf<'E204'>): Words {
  const text = harmless(f.text);
  switch (f.reason) {
    case 'upside-down':
      return {
        what: `${text} is not a range`,
        why: 'its first port is higher than its last',
        fix: `write ${text.split('-').reverse().join('-')}`,
      };
    case 'too-many':
      return {
        what: `${text} is too large a range`,
        why: 'a range may hold at most 1000 ports',
        fix: 'name the ports, or a smaller range such as 3000-3099',
      };
    case 'not-a-port':
      return {
        what: /^[A-Za-z_]/.test(text) ? `${text} is neither a port nor a service` : `\`${text}\` is not a port`,
        why: 'a port is a number from 1 to 65535',
        fix: 'write a port such as 8000, or a range such as 3000-3099',
      };
  }
}

export function killRefused(f: FailureOf<'E205'>, viewer: Viewer): Words {
  const { why, fix } = refusal(f.refused, f.holder, f.port, viewer);
  const holder = f.holder === null ? null : describeHolder(f.holder, viewer);
  return { what: `${f.port} was not freed`, why: holder === null ? why : `${holder}: ${why}`, fix };
}

/** `8000 is held by node (pid 4121)`. */
export function portStateWords(state: PortState, viewer: Viewer): string {
  if (state.kind === 'free') return `${state.port} is free`;
  return state.kind === 'hidden'
    ? `${state.port}: ${hidden(state.reason, state.port, viewer).why}`
    : `${state.port} is ${holderOf(state, viewer)}`;
}

function subject(one: PortRefusal): string {
  return one.service === null ? String(one.port) : `${one.port} ${one.service}`;
}

function holderOf(state: PortState, viewer: Viewer): string {
  if (state.kind !== 'held' || state.holders.length === 0) return 'held by a process that cannot be seen';
  const [only] = state.holders;
  return `held by ${state.holders.length === 1 && only ? describeHolder(only, viewer) : nameHolders(state.holders, viewer)}`;
}
