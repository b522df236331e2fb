/** Does somebody accept connections? A connect is refused at once where nobody listens, and costs a fraction of a look at the tables. */
import { connect } from 'node:net';

const addresses = ['127.0.0.1', '::1'];
/** A full backlog neither accepts nor refuses: somebody is there. */
const TIMEOUT_MS = 500;

export async function answers(port: number): Promise<boolean> {
  return (await Promise.all(addresses.map((host) => accepts(host, port)))).includes(true);
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: TIMEOUT_MS });
    const settle = (accepted: boolean) => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => settle(true));
    socket.once('timeout', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
