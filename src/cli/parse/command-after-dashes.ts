/** Finds the command after `--`. */
import { findCommand, type Program } from '../../app/run/terminal-command.ts';
import type { Failure } from '../../model/failure.ts';
import { fail, type Result } from '../../model/result.ts';
import type { Service } from '../../model/service.ts';
import type { Context, Parsed } from '../context.ts';

/** Fails with E001 if no word follows `--`, and with the failures of `findCommand`. */
export function commandAfterDashes(
  { command, rest }: Parsed,
  o: { readonly service: Service | null; readonly path: string; readonly context: Context },
): Result<Program, Failure> {
  const [program, ...args] = rest ?? [];
  if (program !== undefined) return findCommand([program, ...args], o);
  return fail({ code: 'E001', kind: 'usage', message: `devup ${command} needs a command after --`, suggestion: null, command });
}
