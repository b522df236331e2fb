/** The orders that change the stack one after another. */
import type { Failure } from '../../model/failure.ts';
import type { Result } from '../../model/result.ts';
import type { Order, Reply } from '../../model/session.ts';
import type { Core } from './core.ts';
import { takeBack } from './debug.ts';
import { restartServices } from './restart.ts';
import { startServices } from './start.ts';

export function changeStack(core: Core, order: Extract<Order, { type: 'start' | 'restart' | 'debug' }>): Promise<Result<Reply, Failure>> {
  switch (order.type) {
    case 'start':
      return startServices(core, order);
    case 'restart':
      return restartServices(core, order);
    case 'debug':
      return takeBack(core, order);
  }
}
