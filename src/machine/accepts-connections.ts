/** Does somebody accept connections? A connect is refused at once where nobody listens, and costs a fraction of a look at the tables. */
import { connect } from 'node:net';

const addresses = ['127.0.0.1', '::1'];
const TIMEOUT_MS = 500;

export async function acceptsConnections(port: number, host?: string): Promise<boolean> {
  if (host !== undefined) return (await accepts(host, port)) === 'accepts';
  // A full backlog neither accepts nor refuses: somebody is there.
  return (await Promise.all(addresses.map((address) => accepts(address, port)))).some((answer) => answer !== 'refuses');
}

function accepts(host: string, port: number): Promise<'accepts' | 'refuses' | 'says nothing'> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: TIMEOUT_MS });
    const settle = (answer: 'accepts' | 'refuses' | 'says nothing') => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle('accepts'));
    socket.once('timeout', () => settle('says nothing'));
    socket.once('error', () => settle('refuses'));
  });
}
