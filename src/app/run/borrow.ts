/** Takes a service out of its session while something else runs in its place, and gives it back. */
import type { Failure } from '../../model/failure.ts';
import { isSupervised } from '../../model/service-state.ts';
import { type Session, startOrder } from '../../model/session.ts';

export interface Loan<T> {
  /** The session runs it, and is about to stop it. */
  readonly beforeStop: () => void;
  /** The service was stopped; `dependents` run on without it. */
  readonly onStopped: (dependents: readonly string[]) => Promise<void>;
  readonly run: () => Promise<T>;
}

export type LoanOutcome<T> =
  /** The session does not run it: nothing was done. */
  | { readonly kind: 'not-running' }
  /** It could not be taken: nothing was run. */
  | { readonly kind: 'refused'; readonly failure: Failure }
  /** `failure`: the service could not be started again. */
  | { readonly kind: 'over'; readonly value: T; readonly failure: Failure | null };

export async function borrowService<T>(session: Session, service: string, loan: Loan<T>): Promise<LoanOutcome<T>> {
  const snapshot = await session.snapshot();
  if (!snapshot.ok) return { kind: 'refused', failure: snapshot.failure };
  const running = snapshot.value.services.find(({ name }) => name === service);
  if (!running || !isSupervised(running.state)) return { kind: 'not-running' };
  loan.beforeStop();
  const stopped = await session.send({ type: 'stop', services: [service], withDependents: false, debug: true });
  if (!stopped.ok) return { kind: 'refused', failure: stopped.failure };
  await loan.onStopped(stopped.value.dependents);
  const value = await loan.run();
  const back = await session.send(startOrder({ services: [service] }));
  return { kind: 'over', value, failure: back.ok ? null : back.failure };
}
