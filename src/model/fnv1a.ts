/**
 * FNV-1a, 64 bits, as 16 hex digits: for names, not for secrets. The hash is held in four parts of 16 bits, the highest first, so that
 * every product stays a small integer. The prime is 2⁴⁰ + 435, so multiplying means: times 435, plus the lower two parts shifted left by 40
 * bits.
 */
export function fnv1a(text: string): string {
  const bytes = new TextEncoder().encode(text);
  let [a, b, c, d] = [0xcbf2, 0x9ce4, 0x8422, 0x2325];
  for (let index = 0; index < bytes.length; index++) {
    d ^= bytes[index] as number;
    const productD = d * 435;
    const productC = c * 435 + (productD >>> 16);
    const productB = b * 435 + (d << 8) + (productC >>> 16);
    a = (a * 435 + (c << 8) + (productB >>> 16)) & 0xffff;
    b = productB & 0xffff;
    c = productC & 0xffff;
    d = productD & 0xffff;
  }
  return [a, b, c, d].map((part) => part.toString(16).padStart(4, '0')).join('');
}
