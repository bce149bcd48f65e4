/** Twice a Kubernetes quantity of bytes, in the same unit: `64Mi` → `128Mi`. */
export function doubled(quantity: string): string {
  const match = quantity.match(/^(\d+(?:\.\d+)?)([A-Za-z]*)$/);
  return match ? `${Number(match[1]) * 2}${match[2]}` : quantity;
}
