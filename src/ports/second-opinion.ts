/**
 * Asks detect-port whether a port is free after its holder was ended. It answers yes or no (for a taken port, with the
 * number of another one) and names no holder, so it only confirms devup's own probe.
 */
export async function detectPortAgrees(port: number): Promise<boolean> {
  const { detect } = await import('detect-port');
  return (await detect(port)) === port;
}
