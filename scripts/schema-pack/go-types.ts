/** What the generated Go of Kubernetes says about a field and the published OpenAPI document leaves out. */
export interface FieldFacts {
  enum?: string[];
  itemsEnum?: string[];
  default?: string;
}

/**
 * Enumerations and string defaults from `zz_generated.openapi.go`, by definition name and field.
 * The file is gofmt-formatted generated code, so depth is the number of tabs: fields stand at 5, their facts
 * at 7, the facts of an array's items at 10.
 */
export function fieldFacts(source: string): Map<string, Record<string, FieldFacts>> {
  const found = new Map<string, Record<string, FieldFacts>>();
  let type: Record<string, FieldFacts> | undefined;
  let field = "";
  for (const line of source.split("\n")) {
    const start = /^func schema_k8sio_api_([a-z0-9]+)_(v\w+?)_(\w+)\(/.exec(line);
    if (start) {
      type = {};
      found.set(`io.k8s.api.${start[1]}.${start[2]}.${start[3]}`, type);
      continue;
    }
    if (line === "}") type = undefined;
    if (type === undefined) continue;
    field = /^\t{5}"([^"]+)": \{$/.exec(line)?.[1] ?? field;
    const fact = /^(\t{7}|\t{10})(Enum|Default): +(?:\[\]interface\{\}\{(.*)\}|("[^"]+")),$/.exec(line);
    if (fact) note(type, field, fact);
  }
  return found;
}

function note(type: Record<string, FieldFacts>, field: string, fact: RegExpExecArray): void {
  const [, tabs, name, list, text] = fact;
  const facts = type[field] ?? {};
  type[field] = facts;
  if (name === "Enum" && list !== undefined) {
    facts[tabs?.length === 7 ? "enum" : "itemsEnum"] = JSON.parse(`[${list}]`) as string[];
  }
  if (name === "Default" && text !== undefined && tabs?.length === 7)
    facts.default = JSON.parse(text) as string;
}
