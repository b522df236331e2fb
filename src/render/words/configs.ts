/** E3xx: the config file. */
import type { ConfigProblem } from '../../model/config-problem.ts';
import type { FailureOf } from '../../model/failure.ts';
import { harmless } from '../../model/harmless.ts';
import { isSecretName, MASK } from '../../model/secret-name.ts';
import { shellWord } from '../../model/shell-word.ts';
import { tilde } from './holder.ts';
import { seconds } from './readiness.ts';
import { NO_VIEWER, type Viewer, type Words } from './viewer.ts';

export function configNotFound(f: FailureOf<'E301'>, viewer: Viewer): Words {
  const from = tilde(harmless(f.from), viewer.home);
  const stop = tilde(harmless(f.stoppedAt), viewer.home);
  const looked = `looked for orchestrator.config.ts (or another name of a config) ${from === stop ? `in ${from}` : `from ${from} up to ${stop}`}`;
  const open =
    f.openFolder === undefined ? '' : `; not in ${tilde(harmless(f.openFolder), viewer.home)} and above, since every user can write there`;
  return {
    what: 'no config found',
    why: `${looked}${open}`,
    fix: 'create an orchestrator.config.ts, name a config with --config, or its folder with -C',
  };
}

export function configBroken(f: FailureOf<'E302'>, viewer: Viewer): Words {
  const where = place(f.file, f.line, f.column, viewer);
  const message = typeof f.message === 'string' ? f.message : `no process could be started to read it again (${f.message.errno})`;
  if (f.stack !== null)
    return {
      what: `${where} failed to load`,
      why: harmless(errorText(message, f.stack)),
      fix: 'correct it and try again; --debug shows the stack',
    };
  return {
    what: `${where} cannot be read`,
    why: harmless(message),
    fix: f.line === null ? 'correct it, or name another file with --config' : 'correct that line and try again',
  };
}

export function configHangs(f: FailureOf<'E303'>, viewer: Viewer): Words {
  return {
    what: `${tilde(harmless(f.file), viewer.home)} did not finish loading in ${seconds(f.timeoutMs)}`,
    why: 'the config waits for a promise that never settles',
    fix: 'remove the top-level await that hangs',
  };
}

export function configExits(f: FailureOf<'E304'>, viewer: Viewer): Words {
  return {
    what: `${tilde(harmless(f.file), viewer.home)} ended the process while it was loading`,
    why: `the config, or a module that it imports, called process.exit(${f.exitCode})`,
    fix: 'remove that call',
  };
}

export function configInvalid(f: FailureOf<'E305'>, viewer: Viewer): Words {
  const count = f.problems.length;
  const [only] = f.problems;
  const file = tilde(harmless(f.file), viewer.home);
  if (count === 1 && only) {
    return {
      what: `${place(f.file, only.line, only.column, viewer)} has a problem`,
      why: problemText(only),
      fix: only.suggestion === null ? 'correct it and try again' : `did you mean ${harmless(only.suggestion)}?`,
    };
  }
  return {
    what: `${file} has ${count} problems`,
    why: null,
    fix: 'correct these problems and try again',
    details: f.problems.map((problem) => configProblem(problem, f.file)),
  };
}

export function configThrewLater(f: FailureOf<'E306'>, viewer: Viewer): Words {
  const crash = f.crashFile === null ? '--debug shows the stack' : `the stack is in ${tilde(harmless(f.crashFile), viewer.home)}`;
  return {
    what: `${place(f.file, f.line, f.column, viewer)} threw an uncaught error after it was loaded`,
    why: harmless(errorText(f.message, f.stack)),
    fix: `catch it there, or leave no timer, promise or connection open in a config; ${crash}`,
  };
}

export function configOfOtherUser(f: FailureOf<'E307'>, viewer: Viewer): Words {
  const owner = f.user === null ? `uid ${f.uid}` : `${harmless(f.user)} (uid ${f.uid})`;
  const folder = shellWord(harmless(f.folder));
  const command = f.hasGit
    ? `git config --global --add safe.directory ${folder}`
    : `printf '[safe]\\n\\tdirectory = "%s"\\n' ${folder} >> ~/.gitconfig`;
  return {
    what: `${tilde(harmless(f.file), viewer.home)} belongs to ${owner} and was not run`,
    why: 'a config is code: its owner could run commands as you',
    fix: `if you trust what is in that folder:  ${command}`,
  };
}

export function configUnknown(f: FailureOf<'E308'>, viewer: Viewer): Words {
  return {
    what: `${tilde(harmless(f.file), viewer.home)} has not been run before, as far as devup knows`,
    why: 'a config is code, and devup without a command runs none that you have not run before',
    fix: 'devup status  shows its services,  devup start  starts them',
  };
}

/** A message such as `TypeError: x is not a function`, without Node's require stack, which only repeats the place. */
function errorText(text: string, stack: string | null): string {
  const name = /^(\w+): /.exec(stack ?? '')?.[1];
  const message = text.replace(/\nRequire stack:[\s\S]*$/, '');
  return name === undefined || name === 'Error' || message.startsWith(name) ? message : `${name}: ${message}`;
}

/** `orchestrator.config.yaml:4:9  services.backend.port  must be …, got "80x" (did you mean 8000?)`, without the folder. */
export function configProblem(problem: ConfigProblem, file: string): string {
  const where = problem.line === null ? '' : `${place(file.replace(/^.*[\\/]/, ''), problem.line, problem.column, NO_VIEWER)}  `;
  const suggestion = problem.suggestion === null ? '' : ` (did you mean ${harmless(problem.suggestion)}?)`;
  return `${where}${problemText(problem)}${suggestion}`;
}

function problemText(problem: ConfigProblem): string {
  const secret = isSecretName(problem.path.replace(/^.*[.[]/, ''));
  const value = problem.value === null ? '' : `, got ${secret ? MASK : harmless(problem.value)}`;
  const path = problem.path === '' ? '' : `${harmless(problem.path)}  `;
  return `${path}${harmless(problem.message)}${value}`;
}

function place(file: string, line: number | null, column: number | null, viewer: Viewer): string {
  return [tilde(harmless(file), viewer.home), line, line === null ? null : column].filter((part) => part !== null).join(':');
}
