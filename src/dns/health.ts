/** What is known of a cluster's gateway. */
export interface Health {
  healthy: boolean;
  /** Probes in a row that said otherwise. */
  against: number;
}

/** Probes in a row that change the verdict: one lost packet moves no traffic. */
export const probesToChange = 2;

/** The verdict after one more probe. The first probe of all decides at once. */
export function judged(earlier: Health | undefined, answered: boolean): Health {
  if (!earlier || earlier.healthy === answered) return { healthy: earlier?.healthy ?? answered, against: 0 };
  const against = earlier.against + 1;
  return against >= probesToChange ? { healthy: answered, against: 0 } : { ...earlier, against };
}
