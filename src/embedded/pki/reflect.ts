/**
 * The three functions of the metadata proposal that the certificate library's container asks for.
 * They must exist before that library is imported; no prototype chain is needed beyond one walk.
 */
type Key = string | symbol;
type Table = Map<unknown, Map<Key | undefined, unknown>>;

const tables = new WeakMap<object, Table>();

function own(key: unknown, target: object, property?: Key): unknown {
  return tables.get(target)?.get(key)?.get(property);
}

function define(key: unknown, value: unknown, target: object, property?: Key): void {
  const table: Table = tables.get(target) ?? new Map();
  tables.set(target, table);
  table.set(key, (table.get(key) ?? new Map()).set(property, value));
}

function inherited(key: unknown, target: object | null, property?: Key): unknown {
  for (let at = target; at !== null; at = Object.getPrototypeOf(at)) {
    const value = own(key, at, property);
    if (value !== undefined) return value;
  }
  return undefined;
}

if (!("getMetadata" in Reflect)) {
  Object.assign(Reflect, {
    defineMetadata: define,
    getMetadata: inherited,
    getOwnMetadata: own,
    metadata: (key: unknown, value: unknown) => (target: object, property?: Key) =>
      define(key, value, target, property),
  });
}
