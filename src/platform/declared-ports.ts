import { loadDeclaration } from "../model/load.ts";
import { LandfallError } from "../util/errors.ts";

/** What a local cluster listens on where the declaration does not say otherwise. */
const usualPorts = { http: 8080, https: 8443 };

/**
 * The ports on loopback that a declaration's local clusters want; the usual ones where there is no declaration yet,
 * or one that cannot be read: what is wrong with it is for `check` to say.
 */
export async function declaredPorts(path: string): Promise<number[]> {
  try {
    const { tree } = await loadDeclaration(path);
    const clusters = Object.values(
      (tree.clusters ?? {}) as Record<string, { type?: string; ports?: object }>,
    );
    const local = clusters.filter(({ type }) => type === "local");
    return [...new Set(local.flatMap(({ ports }) => Object.values({ ...usualPorts, ...ports }) as number[]))];
  } catch (error) {
    if (error instanceof LandfallError) return Object.values(usualPorts);
    throw error;
  }
}
