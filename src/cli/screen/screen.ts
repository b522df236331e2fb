/** Where a command prints, and what is possible there. */
import { Output } from '../../render/output.ts';
import { wantsColour } from '../../render/style.ts';
import type { Viewer } from '../../render/words/viewer.ts';
import type { Context, Flags } from '../context.ts';

export interface Screen {
  readonly json: boolean;
  /** Whether to print stack traces. */
  readonly debug: boolean;
  readonly out: Output;
  readonly err: Output;
  readonly outColour: boolean;
  readonly errColour: boolean;
  readonly viewer: Viewer;
  /** Whether questions can be asked, and output can move. */
  readonly interactive: boolean;
}

export function screen(flags: Flags, context: Context): Screen {
  const { stdout, stderr, env, machine } = context;
  const noColorFlag = flags['no-color'] === true;
  return {
    json: flags['json'] === true,
    debug: flags['debug'] === true,
    out: new Output({ stream: stdout, isTerminal: stdout.isTTY === true }),
    err: new Output({ stream: stderr, isTerminal: stderr.isTTY === true }),
    outColour: wantsColour({ noColorFlag, env, isTerminal: stdout.isTTY === true }),
    errColour: wantsColour({ noColorFlag, env, isTerminal: stderr.isTTY === true }),
    viewer: {
      home: context.home,
      uid: machine.uid,
      nowMs: machine.clock.wallTime(),
      commands: machine.platform.commands,
      secrets: context.secrets,
    },
    interactive: stderr.isTTY === true && context.stdin.isTTY === true && !env['CI'],
  };
}
