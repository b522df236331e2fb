/** Stops a service in its session while another command runs in its place, and then starts it again. */
import type { Failure } from '../../model/failure.ts';
import { isSupervised } from '../../model/service-state.ts';
import { type Session, startOrder } from '../../model/session.ts';

export interface Loan<T> {
  /** Called before the session stops the service. */
  readonly beforeStop: () => void;
  /** Called when the service is stopped; `dependents` keep running. */
  readonly onStopped: (dependents: readonly string[]) => Promise<void>;
  readonly run: () => Promise<T>;
}

export type LoanOutcome<T> =
  /** The session does not run the service; nothing was done. */
  | { readonly kind: 'not-running' }
  /** The session did not stop the service; nothing was run. */
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
  const restarted = await session.send(startOrder({ services: [service] }));
  return { kind: 'over', value, failure: restarted.ok ? null : restarted.failure };
}
