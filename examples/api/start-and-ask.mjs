// Starts the stack, asks it something once it is ready, and stops it: node start-and-ask.mjs
import { loadConfig, startOrder, supervise } from 'devup';

const stack = await loadConfig({ cwd: import.meta.dirname });
if (!stack.ok) throw new Error(`${stack.failure.code} ${stack.failure.kind}`);
const session = await supervise(stack.value);
if (!session.ok) throw new Error(`${session.failure.code} ${session.failure.kind}`);

const started = await session.value.send(startOrder());
if (started.ok) console.log(await (await fetch(`http://localhost:${stack.value.services[0].ports[0].port}/`)).text());
else console.error(started.failure);
await session.value.stop();
