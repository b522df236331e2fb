/** The CPU time in milliseconds that this process spends while `run` runs. Unlike the time that passes, it does not depend on the load. */
export async function cpuTimeMs(run: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
