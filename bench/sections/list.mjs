/** The sections in the order of the report. Each is one file: its measurements, and the bars for its figures. */
import { chain } from './chain.mjs';
import { check } from './check.mjs';
import { coldStart } from './cold-start.mjs';
import { config } from './config.mjs';
import { detached } from './detached.mjs';
import { idle } from './idle.mjs';
import { kill } from './kill.mjs';
import { memory } from './memory.mjs';
import { startStop } from './start-stop.mjs';
import { status } from './status.mjs';
import { thousand } from './thousand.mjs';
import { throughput } from './throughput.mjs';

export const SECTIONS = [coldStart, config, status, startStop, chain, detached, throughput, memory, idle, kill, thousand, check];
