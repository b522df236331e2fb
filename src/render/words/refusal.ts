/** Reasons why devup does not kill a holder, and what to do instead. */

import { harmless } from '../../model/harmless.ts';
import type { HiddenReason, Holder, RefuseReason } from '../../model/port.ts';
import { shellWord } from '../../model/shell-word.ts';
import { containerWords, stopContainerCommand } from './container.ts';
import { nameHolders } from './holder.ts';
import { stackFolder } from './other-stack.ts';
import { asAdministrator, endCommand, NO_VIEWER, type Viewer } from './viewer.ts';

export interface Refusal {
  readonly why: string;
  readonly fix: string;
}

const MOVE = 'give the service another port in the config';

/** `port`: the port that the suggested commands free. */
export function refusal(reason: RefuseReason, holder: Holder | null, port: number, viewer: Viewer = NO_VIEWER): Refusal {
  switch (reason.kind) {
    case 'init':
      return { why: 'it is process 1, which everything else depends on', fix: MOVE };
    case 'self':
      return { why: 'it is this devup itself', fix: MOVE };
    case 'ancestor':
      return {
        why: 'it started this devup, so ending it would end devup',
        fix: `from another terminal: ${endCommand([holder?.pid ?? 'PID'], 'ask', viewer)}`,
      };
    case 'other-user':
      return { why: `it belongs to ${userName(reason)}`, fix: asAdministrator(`devup kill ${port}`, viewer) };
    case 'kernel-thread':
      return { why: 'it belongs to the kernel', fix: MOVE };
    case 'system-service':
      return { why: `${harmless(reason.name)} is a system service`, fix: `stop it with the system's own tools, or ${MOVE}` };
    case 'unit':
      return { why: `it belongs to ${harmless(reason.unit)}, which would start it again`, fix: harmless(reason.stopCommand) };
    case 'container':
      return {
        why: `${containerOf(reason)} publishes the port`,
        fix: reason.stopCommand === null ? stopContainer(reason, port) : harmless(`${reason.stopCommand}${saidOf(reason)}`),
      };
    case 'airplay':
      return {
        why: 'it is the AirPlay Receiver of macOS, which comes back when it is killed',
        fix: 'System Settings > General > AirDrop & Handoff: turn off AirPlay Receiver',
      };
    case 'other-stack':
      return otherStack(reason);
    case 'port-forwarder':
      return {
        why: `${harmless(reason.name)} forwards the port for an editor`,
        fix: `stop forwarding ${port} in the editor's list of ports`,
      };
    case 'interactive':
      return { why: `${harmless(reason.name)} may be in use by a person`, fix: `close it, or end it yourself: devup kill ${port}` };
    case 'shared':
      return {
        why: `${harmless(reason.name)} is shared by all that you run`,
        fix: `end it yourself, if nothing needs it: devup kill ${port}`,
      };
    case 'sibling':
      return {
        why: `it is ${harmless(reason.service)} of this stack, on a port that is not its own`,
        fix: `make ${harmless(reason.service)} listen on its own port, then  devup restart ${harmless(reason.service)}`,
      };
    case 'debugged':
      return {
        why: `it is ${harmless(reason.service)}, which somebody debugs on a terminal (devup debug, pid ${reason.pid})`,
        fix: `end that command on its terminal, or  ${endCommand([reason.pid], 'ask', viewer)}`,
      };
    case 'unidentified':
      return hidden(reason.reason, port, viewer);
  }
}

type ContainerReason = Extract<RefuseReason, { kind: 'container' }>;

function containerOf({ container, published }: ContainerReason): string {
  if (published) return `the ${containerWords(published)}`;
  return container === null ? 'a container' : `the container ${harmless(container)}`;
}

function saidOf({ tried }: ContainerReason): string {
  return tried ? `  (${tried.said === null ? `${tried.engine} is gone` : `${tried.engine} answered: ${tried.said}`})` : '';
}

function stopContainer({ published }: ContainerReason, port: number): string {
  return `devup kill ${port} stops the container; or ${published ? ` ${stopContainerCommand(published)}` : 'stop it with its engine'}`;
}

/** Reasons why a port without a visible holder cannot be bound. */
export function hidden(reason: HiddenReason, port: number, viewer: Viewer = NO_VIEWER): Refusal {
  switch (reason.kind) {
    case 'other-user':
      return {
        why: `a process of ${userName(reason)} holds it, and only ${viewer.commands?.administrator ?? 'root'} can see which`,
        fix: [viewer.commands?.listListeners(port), asAdministrator(`devup kill ${port}`, viewer)].filter(Boolean).join('  then  '),
      };
    case 'outside-namespace':
      return { why: 'it is held outside this container or network namespace', fix: `run devup kill ${port} on the host` };
    case 'outgoing':
      return {
        why: `${reason.holders.length > 0 ? nameHolders(reason.holders, viewer) : 'a process'} uses it as the local end of a connection to ${harmless(reason.remote)}; nothing listens on it, and nothing was killed`,
        fix: `wait until that connection ends, or ${commandFor('reserve the port', viewer.commands?.reservePort(port)) ?? MOVE}`,
      };
    case 'closing':
      return { why: 'the system is still closing a connection on it, which belongs to no process', fix: 'try again in a minute' };
    case 'bound-not-listening':
      return {
        why: 'a socket is bound to it without listening',
        fix: commandFor('find it', viewer.commands?.listSockets(port)) ?? MOVE,
      };
    case 'excluded-range':
      return {
        why: 'it is in a range that the system reserves',
        fix: `netsh int ipv4 show excludedportrange protocol=tcp  shows the ranges; or ${MOVE}`,
      };
    case 'no-permission':
      return {
        why: 'your user may not bind it',
        fix: ['use a port above 1023', commandFor('allow it', viewer.commands?.allowPort(port))].filter(Boolean).join(', or '),
      };
  }
}

/** Null where the system has no command for it. */
function commandFor(purpose: string, command: string | null | undefined): string | null {
  return command ? `${purpose}: ${command}` : null;
}

function otherStack(reason: Extract<RefuseReason, { kind: 'other-stack' }>): Refusal {
  const folder = reason.config === null ? null : stackFolder(reason.config);
  const stop =
    folder === null
      ? `devup stop ${harmless(reason.service)}  in its folder`
      : `devup -C ${shellWord(folder)} stop ${harmless(reason.service)}`;
  return {
    why: `it is ${harmless(reason.service)} of another running stack (${folder ?? reason.id})`,
    fix: `${stop}  or start with --take-over`,
  };
}

function userName(reason: { readonly uid: number | null; readonly user: string | null }): string {
  return reason.user !== null ? harmless(reason.user) : reason.uid !== null ? `uid ${reason.uid}` : 'another user';
}
