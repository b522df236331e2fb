/**
 * Asks detect-port whether a port is free after its holder was ended. It names no holder (for a taken port it gives another port's number),
 * so it only confirms devup's own probe.
 */
export async function detectPortAgrees(port: number): Promise<boolean> {
  const { detect } = await import('detect-port');
  return (await detect(port)) === port;
}
