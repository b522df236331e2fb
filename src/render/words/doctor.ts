/** A check of `doctor` as a line of its report. */
import type { CheckHealth, ConfigFound, DoctorCheck, LeftoversFound, SessionFound } from '../../model/doctor.ts';
import type { Failure } from '../../model/failure.ts';
import { formatBytes } from '../status-table.ts';
import { words } from '../words.ts';
import { nameHolders } from './holder.ts';
import { troubleWords } from './port-trouble.ts';
import type { Viewer } from './viewer.ts';

export interface DoctorLine extends Sentence {
  readonly name: string;
  readonly health: CheckHealth;
}

interface Sentence {
  readonly text: string;
  readonly details?: readonly string[];
  /** The command to type or the change to make; null: none. */
  readonly fix: string | null;
}

/** Leaves out wrong values of a config, since they may be secrets. */
export function doctorLine(check: DoctorCheck, viewer: Viewer): DoctorLine {
  return { name: check.name, health: check.health, ...sentenceOf(check, viewer) };
}

function sentenceOf(check: DoctorCheck, viewer: Viewer): Sentence {
  switch (check.name) {
    case 'devup':
      return plain(`${check.version}  ${check.bin}`);
    case 'node':
      if (check.health === 'ok') return plain(`${check.version}  ${check.execPath}`);
      return { text: `${check.version} is too old`, fix: 'install Node 20.19 or newer' };
    case 'platform':
      return plain(`${check.system}${{ root: ', as root', ordinary: ', as an ordinary user', unknown: '' }[check.user]}`);
    case 'tools':
      return tools(check);
    case '/proc':
      if (check.state === 'readable') return plain('readable');
      if (check.state === 'hidden') return plain('other users’ processes are hidden (hidepid)');
      return { text: `cannot be read: ${check.state.errno}`, fix: 'mount it: mount -t proc proc /proc' };
    case 'containers':
      return containers(check);
    case 'environment':
      return plain(check.variables.length === 0 ? 'nothing special is set' : check.variables.map((name) => `${name}=…`).join(' '));
    case 'config':
      return config(check.found, viewer);
    case 'ports':
      return ports(check);
    case 'AirPlay': {
      const fix = 'turn it off in System Settings → General → AirDrop & Handoff, if a service of yours needs the port';
      if (check.ports.length === 0) return plain('its receiver does not listen');
      return { text: `its receiver listens on ${check.ports.join(' and ')}`, fix };
    }
    case 'session':
      return session(check.found, viewer);
    case 'holders':
      return holders(check, viewer);
    case 'leftovers':
      return leftovers(check.found);
    case 'disk':
      return {
        text: `${formatBytes(check.freeBytes)} free`,
        fix: check.health === 'ok' ? null : 'free some space: logs and records may be cut off',
      };
  }
}

type CheckOf<K extends DoctorCheck['name']> = Extract<DoctorCheck, { readonly name: K }>;

function tools({ found, missing, missingOptional }: CheckOf<'tools'>): Sentence {
  const others = missingOptional.length === 0 ? '' : `; missing, but not needed: ${missingOptional.join(', ')}`;
  const text = `${found.join(', ') || 'none'}${others}`;
  if (missing.length === 0) return plain(text);
  return { text: `${missing.join(', ')} missing; found ${text}`, fix: `install ${missing.join(', ')}` };
}

function containers({ installed, running, neededBy }: CheckOf<'containers'>): Sentence {
  if (running) return plain(`${running.engine} ${running.version}`);
  const text = installed.length === 0 ? 'no engine is installed' : `${installed.join(', ')} installed, but no engine answers`;
  if (neededBy.length === 0) return plain(text);
  return { text: `${text}; needed by ${neededBy.join(', ')}`, fix: 'start the container engine' };
}

function config(found: ConfigFound, viewer: Viewer): Sentence {
  switch (found.kind) {
    case 'none':
      return plain('none found here');
    case 'loaded': {
      const { services, optional, ports: count } = found;
      return plain(`${shortened(found.file, viewer)}: ${services} services (${optional} optional), ${count} ports`);
    }
    case 'failed': {
      const { failure } = found;
      if (failure.code !== 'E305') return sentence(failure, viewer);
      const { problems } = failure;
      return {
        text: `E305 ${shortened(failure.file, viewer)} has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}`,
        details: problems.map((problem) => `${problem.path}  ${problem.message}`),
        fix: 'devup status shows each in full',
      };
    }
  }
}

function ports({ ephemeral, excluded, troubles }: CheckOf<'ports'>): Sentence {
  const given = ephemeral
    ? `the system uses ${ephemeral[0]}-${ephemeral[1]} for outgoing connections`
    : 'the ports for outgoing connections are not known';
  const text = excluded.length === 0 ? given : `${given}, and reserves ${excluded.map((range) => range.join('-')).join(', ')}`;
  const details = troubles.map(({ port, service, trouble }) => {
    const { why, fix } = troubleWords(trouble);
    return `${port} of ${service}: ${why}; ${fix}`;
  });
  return { text, details, fix: null };
}

function session(found: SessionFound, viewer: Viewer): Sentence {
  switch (found.kind) {
    case 'none':
      return plain('not running');
    case 'running':
      return plain(`running (pid ${found.pid}, devup ${found.version}), ${found.ready} of ${found.services} services ready`);
    case 'failed':
      return sentence(found.failure, viewer);
  }
}

function holders({ taken }: CheckOf<'holders'>, viewer: Viewer): Sentence {
  if (taken.length === 0) return plain('no port of the config is held by others');
  const details = taken.map(({ service, port, holders: found }) => {
    const who = found.length === 0 ? 'a process that cannot be seen' : nameHolders(found, viewer);
    return `${port} of ${service} is held by ${who}`;
  });
  const text = `${details.length === 1 ? 'a port of the config is' : `${details.length} ports of the config are`} held by others`;
  return { text, details, fix: 'devup start --dry-run shows what a start would do' };
}

function leftovers(found: LeftoversFound): Sentence {
  switch (found.kind) {
    case 'silent-session':
      return plain('not checked: the session does not say which processes are its own');
    case 'other-namespace': {
      const { code, what, fix } = words(found.failure);
      return { text: `${code} ${what}`, fix };
    }
    case 'processes': {
      const { processes } = found;
      if (processes.length === 0) return plain('none');
      return {
        text: `${processes.length} ${processes.length === 1 ? 'process' : 'processes'} of an earlier session still running`,
        details: processes.map(({ pid, name, service }) => `${name} (pid ${pid}) of ${service}`),
        fix: 'devup stop',
      };
    }
  }
}

function sentence(failure: Failure, viewer: Viewer): Sentence {
  const { code, what, why, fix } = words(failure, viewer);
  return { text: `${code} ${what}${why === null ? '' : `: ${why}`}`, fix };
}

function shortened(file: string, { home }: Viewer): string {
  return home !== null && file.startsWith(`${home}/`) ? `~${file.slice(home.length)}` : file;
}

function plain(text: string): Sentence {
  return { text, fix: null };
}
