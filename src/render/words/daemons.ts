/** Daemons that a service left behind: how they are named, and how a program is kept in the foreground. */
import type { DaemonTie, LeftBehind } from '../../model/daemon.ts';
import { harmless } from '../../model/harmless.ts';
import type { PortState } from '../../model/port.ts';
import { nameHolder } from './holder.ts';
import { portStateWords } from './ports.ts';
import type { Viewer } from './viewer.ts';

export const TIE_WORDS: { readonly [T in DaemonTie]: string } = {
  socket: 'it holds a socket that the service had opened',
  session: 'it is in the session of the service',
  output: "it has the service's output open",
  program: "it runs the service's program",
  folder: "it runs in the service's folder",
  'control-group': "it is in devup's control group",
};

/** The option that keeps a program in the foreground, by the beginning of its name. */
const FOREGROUND: readonly (readonly [name: RegExp, advice: string])[] = [
  [/^nginx/, "`daemon off;` (nginx -g 'daemon off;')"],
  [/^(redis-server|valkey-server|keydb-server)/, '`--daemonize no`'],
  [/^gunicorn/, 'no `-D` or `--daemon`'],
  [/^uwsgi/, 'no `--daemonize`'],
  [/^(apache2|httpd|apachectl)/, '`-DFOREGROUND`'],
  [/^haproxy/, 'no `-D`, but `-db`'],
  [/^memcached/, 'no `-d`'],
  [/^mongod/, 'no `--fork`'],
  [/^(mysqld|mariadbd)/, 'no `--daemonize`'],
  [/^(postgres|postmaster|pg_ctl)/, '`postgres -D <data>` in place of `pg_ctl start`'],
  [/^php-fpm/, '`--nodaemonize`'],
  [/^caddy/, '`caddy run` in place of `caddy start`'],
  [/^(unicorn|puma|thin|celery)/, 'no `-D`, `--daemon` or `--detach`'],
  [/^supervisord/, '`--nodaemon`'],
  [/^dnsmasq/, '`--keep-in-foreground`'],
  [/^(lighttpd|sshd)/, '`-D`'],
  [/^squid/, '`-N`'],
  [/^varnishd/, '`-F`'],
];

export function leftReason(left: readonly LeftBehind[], service: string, viewer: Viewer): string {
  const hidden = left.find((one) => 'hidden' in one);
  if (hidden) return `it may have become a daemon, but ${portStateWords(hiddenState(hidden), viewer)}`;
  const visible = left.filter((one) => 'holder' in one);
  const named = visible.slice(0, 3).map(({ holder, port }) => `${nameHolder(holder, viewer)}${port === null ? '' : ` on ${port}`}`);
  const more = visible.length > named.length ? ` and ${visible.length - named.length} more` : '';
  return `it may have become a daemon: devup cannot be sure that ${named.join(', ')}${more} belongs to ${service}, and leaves it alone`;
}

export function foregroundAdvice(left: readonly LeftBehind[], service: string): string {
  const port = left.find((one) => one.port !== null)?.port ?? null;
  const names = left.flatMap((one) => ('holder' in one ? [one.holder.name, one.holder.executable, one.holder.argv[0]] : []));
  const end = port === null ? '' : `, then devup kill ${port}`;
  const elsewhere = left
    .flatMap((one) => ('holder' in one ? [one.holder] : []))
    .find(({ container, unit }) => container !== null || unit !== null);
  if (elsewhere && elsewhere.container !== null)
    return `run the container of ${service} without -d, and name it: listener: { container: '${harmless(elsewhere.container)}' }`;
  if (elsewhere) return `remove the command of ${service}, so that it is external: ${harmless(elsewhere.unit ?? '')} is run by the system`;
  return `keep ${service} in the foreground (${adviceFor(names) ?? 'most programs have a flag for that'})${end}`;
}

function hiddenState({ port, hidden }: Extract<LeftBehind, { readonly hidden: unknown }>): PortState {
  return { port, kind: 'hidden', reason: hidden, addresses: [] };
}

function adviceFor(names: readonly (string | null | undefined)[]): string | null {
  for (const name of names) {
    const base = name?.split('/').pop();
    const found = base && FOREGROUND.find(([pattern]) => pattern.test(base));
    if (found) return found[1];
  }
  return null;
}
