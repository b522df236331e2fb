/** Whether only this machine reaches a listener on the address. */
export function isLoopback(address: string): boolean {
  return /^(127\.|::1$|::ffff:127\.)/.test(address);
}

/** Whether a host, as people write it, can only be this machine. */
export function isThisMachine(host: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d+){3}|\[?::1\]?)$/i.test(host);
}

/** Whether a host names the loopback address itself. `app.localhost` does not: such names distinguish applications behind one server. */
export function namesLoopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|::1)$/i.test(host);
}

/** The addresses behind a host: a server on `localhost` may listen on either of two. */
export function addressesOf(host: string): readonly string[] {
  return /^(.+\.)?localhost$/i.test(host) ? ['127.0.0.1', '::1'] : [host];
}

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Parses `db:5432`, `[::1]:5432`, or a port of this machine; null for anything else. */
export function parseHostPort(input: string | number): HostPort | null {
  const [, bracketed, plain, digits] = /^(?:(?:\[([\da-f:.]+)\]|([\w-]+(?:\.[\w-]+)*)):)?(\d{1,5})$/i.exec(String(input)) ?? [];
  const port = Number(digits);
  return port >= 1 && port <= 65535 ? { host: bracketed ?? plain ?? 'localhost', port } : null;
}

/** As in a URL: an IPv6 address gets brackets. */
export function formatHostPort({ host, port }: HostPort): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The part of a URL that says where to connect; null without a usable port. */
export function targetOf(url: string): HostPort | null {
  if (!URL.canParse(url)) return null;
  const { protocol, hostname, port } = new URL(url);
  const number = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: number };
}

/** Whether a listener gets the connections to a target. A host name may stand for any address. */
export function receives({ host: address, port }: HostPort, target: HostPort): boolean {
  if (port !== target.port) return false;
  if (address === '0.0.0.0' || address === '::') return true;
  const [first, ...others] = addressesOf(target.host);
  const isName = others.length === 0 && !/^[\d.]+$|:/.test(target.host);
  return isName || address === first || others.includes(address);
}
