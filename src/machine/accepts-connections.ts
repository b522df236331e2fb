/**
 * Tests a port by connecting to it. Without a listener the connection is refused at once, which costs a fraction of a read of the
 * socket table.
 */
import { connect } from 'node:net';
import { addressesOf, type HostPort } from '../model/address.ts';
import { codeOf } from '../model/errno.ts';

const TIMEOUT_MS = 500;

export async function acceptsConnections(port: number): Promise<boolean> {
  const answers = await Promise.all(addressesOf('localhost').map((host) => answerOf({ host, port }, TIMEOUT_MS)));
  // No answer (null) counts as accepted: a listener with a full backlog neither accepts nor refuses.
  return answers.some((answer) => answer === null || answer === SILENCE);
}

/**
 * Null if a connection was accepted, else an errno or that there was no answer. All addresses of the host are tried at once; if
 * none accepts, the first one's answer counts.
 */
export async function connectTo({ host, port }: HostPort, timeoutMs: number, signal?: AbortSignal): Promise<string | null> {
  const answers = await Promise.all(addressesOf(host).map((address) => answerOf({ host: address, port }, timeoutMs, signal)));
  const [first = null] = answers;
  if (answers.includes(null)) return null;
  return first === SILENCE ? `no answer within ${Math.round(timeoutMs)} ms` : first;
}

const SILENCE = 'no answer';

function answerOf({ host, port }: HostPort, timeoutMs: number, signal?: AbortSignal): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs, ...(signal ? { signal } : {}) });
    const settle = (answer: string | null) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(null));
    socket.once('timeout', () => settle(SILENCE));
    socket.once('error', (error) => settle(codeOf(error) ?? error.message));
  });
}
