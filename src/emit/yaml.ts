import { stringify } from "yaml";

/**
 * YAML as Kubernetes' readers take it. They read YAML 1.1, where `yes`, `on` or `012` unquoted are no strings, so
 * the writer quotes by those rules; keys keep the order they were made in, and lines are never folded.
 */
export function toYaml(value: unknown): string {
  return stringify(value, { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false });
}
