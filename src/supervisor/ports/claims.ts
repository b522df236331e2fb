/**
 * The session's queue of claims. Services that become startable at the same moment share one claim, so that a wave costs
 * one probe and one scan. Claims run one after another.
 */
import type { Assessment } from '../../model/assessment.ts';
import type { Failure } from '../../model/failure.ts';
import type { Holder } from '../../model/port.ts';
import { isExternal, type Readiness, type Service } from '../../model/service.ts';
import type { AskConflict } from '../../model/session.ts';
import type { OtherSessions, TakeOver } from '../../model/take-over.ts';
import { holderKey } from '../../ports/action.ts';
import { assess, type ClaimContext, type ClaimOutcome, claim, refusalOf } from '../../ports/claim.ts';
import type { Debuggers } from '../../ports/verdict.ts';
import type { SessionRecord } from '../../processes/record.ts';
import { ownAncestors } from '../../processes/refuse.ts';
import type { Actor } from '../service/actor.ts';
import type { SupervisorContext } from '../service/context.ts';
import { commandEnvironment } from '../service/process/spawn.ts';
import { prove } from '../service/readiness/readiness-tests.ts';

/** The time limit for the test that a holder must pass to be adopted for `reuse`. */
const REUSE_MS = 5000;

export interface ClaimsOptions {
  readonly context: SupervisorContext;
  readonly actors: ReadonlyMap<string, Actor>;
  /** The record of the session before the present one. */
  readonly earlierRecord: SessionRecord | null;
  readonly liveSession: (stackId: string) => Promise<{ readonly config: string | null } | null>;
  readonly others: OtherSessions;
  readonly debuggers: () => Debuggers;
  readonly secondOpinion: (port: number) => Promise<boolean>;
  /** Null: there is no terminal to ask on. */
  readonly ask: AskConflict | null;
}

export interface ClaimSettings {
  readonly onConflict: 'kill' | 'ask' | 'fail' | null;
  readonly takeOver: boolean;
}

interface Request {
  readonly service: Service;
  readonly signal: AbortSignal;
  readonly resolve: (outcome: ClaimOutcome) => void;
  readonly reject: (error: unknown) => void;
}

export class Claims {
  readonly #options: ClaimsOptions;
  readonly #approved = new Set<string>();
  #settings: ClaimSettings = { onConflict: null, takeOver: false };
  #waiting: Request[] = [];
  #running = false;
  #ancestors: Promise<ReadonlySet<number>> | null = null;

  constructor(options: ClaimsOptions) {
    this.#options = options;
  }

  /** The settings of the newest start order apply until the next one. */
  applySettings(settings: ClaimSettings): void {
    this.#settings = settings;
  }

  claim(service: Service, signal: AbortSignal): Promise<ClaimOutcome> {
    if (isExternal(service)) return this.#adoptExternal(service, signal);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ service, signal, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  /**
   * Checks all ports of a plan before anything is started or ended. Resolves with the failure that lists all refusals
   * (E201), or null. All conflicts of services with `ask` are put in one question.
   */
  async survey(services: readonly Service[]): Promise<Failure | null> {
    const assessments = await this.assess(services);
    const questions = assessments.filter(({ action }) => action.kind === 'ask');
    if (questions.length === 0 || assessments.some(({ action }) => action.kind === 'refuse')) return refusalOf(assessments);
    const holders = questions.flatMap(({ service, port, state }) =>
      state.kind === 'held' ? state.holders.map((holder) => ({ service, port, holder })) : [],
    );
    if (!this.#options.ask || !(await this.#options.ask(holders))) return refusalOf(assessments);
    for (const { holder } of holders) this.#approved.add(holderKey(holder));
    return null;
  }

  async assess(services: readonly Service[]): Promise<readonly Assessment[]> {
    const own = services.filter((service) => !isExternal(service) && service.ports.length > 0);
    return own.length === 0 ? [] : assess(own, await this.#claimContext());
  }

  async #run(): Promise<void> {
    this.#running = true;
    // Services that become startable in this turn of the event loop share one claim.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.filter((request) => !request.signal.aborted);
      this.#waiting = [];
      if (batch.length === 0) break;
      try {
        const services = batch.map((request) => request.service);
        await this.#options.context.fifos.fill(batch.length);
        const outcomes = await claim(services, await this.#claimContext());
        for (const { service, resolve } of batch) resolve(outcomes.get(service.name) ?? { kind: 'claimed' });
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#running = false;
  }

  async #adoptExternal(service: Service, signal: AbortSignal): Promise<ClaimOutcome> {
    const { timeoutMs } = service.ready;
    const unmet = await this.#prove(service, service.ready, timeoutMs ?? Number.MAX_SAFE_INTEGER, signal);
    if (unmet.length === 0) return { kind: 'adopted', holder: null };
    return {
      kind: 'refused',
      failure: { code: 'E111', kind: 'external-not-ready', service: service.name, timeoutMs: timeoutMs ?? 0, unmet },
    };
  }

  #prove(service: Service, readiness: Readiness, timeoutMs: number, signal?: AbortSignal) {
    const { context } = this.#options;
    const env = commandEnvironment(service, context);
    return prove(readiness, timeoutMs, { machine: context.machine, service, env, logged: () => false, ...(signal ? { signal } : {}) });
  }

  async #claimContext(): Promise<ClaimContext> {
    const { actors, earlierRecord, liveSession, others, secondOpinion, debuggers } = this.#options;
    const { machine, events, stack, tracker } = this.#options.context;
    this.#ancestors ??= ownAncestors(machine);
    const note = (action: 'freeing' | 'freed') => (service: string, port: number, holders: readonly Holder[]) =>
      events.append({ type: 'port', service, port, action, holders, ports: [] });
    const tell = (kind: 'taking-over' | 'taken-over') => (service: string, takeOver: TakeOver) =>
      events.append({ type: 'notice', service, notice: { kind, ...takeOver } });
    const freeing = note('freeing');
    const freed = note('freed');
    return {
      machine,
      refresh: () => tracker.scan(),
      facts: {
        machine,
        asker: 'claim',
        ancestors: await this.#ancestors,
        stackId: stack.id,
        memberOf: (id) => [...actors.values()].find((actor) => actor.processes.has(id))?.service.name ?? null,
        isExternal: (service) => actors.get(service)?.state.name === 'external',
        record: earlierRecord,
        liveSession,
        ownSessionAlive: false,
        debuggers: debuggers(),
      },
      ...this.#settings,
      approved: this.#approved,
      prove: (service, proof) => this.#prove(service, proof, REUSE_MS),
      others,
      secondOpinion,
      onFreeing: freeing,
      onFreed: (service, port, outcome) => {
        if (outcome.freed) freed(service, port, []);
      },
      onTakingOver: tell('taking-over'),
      onTakenOver: tell('taken-over'),
    };
  }
}
