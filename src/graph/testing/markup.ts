/** An element of a picture, as far as tests look at it. */
export interface Element {
  tag: string;
  attributes: Record<string, string>;
  children: Element[];
  text: string;
}

/** Read well-formed XML without comments and CDATA; throws where a tag is not closed or a character not escaped. */
export function parseMarkup(source: string): Element {
  const root: Element = { tag: "", attributes: {}, children: [], text: "" };
  const open = [root];
  const token = /<(\/?)([A-Za-z]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/y;
  while (token.lastIndex < source.length) {
    const at = token.lastIndex;
    const match = token.exec(source);
    if (!match) throw new SyntaxError(`not well-formed: ${source.slice(at, at + 60)}`);
    take(match, open);
  }
  const [only] = root.children;
  if (open.length !== 1 || root.children.length !== 1 || !only)
    throw new SyntaxError("not one closed element");
  return only;
}

/** An element with everything inside it, outermost first. */
export function allIn(element: Element): Element[] {
  return [element, ...element.children.flatMap(allIn)];
}

function take([, closing, tag = "", attributes = "", empty, text]: RegExpExecArray, open: Element[]): void {
  const current = open.at(-1) as Element;
  if (text !== undefined) current.text += decoded(text);
  else if (closing) {
    if (open.pop()?.tag !== tag) throw new SyntaxError(`</${tag}> closes nothing`);
  } else {
    const made = { tag, attributes: attributesOf(attributes), children: [], text: "" };
    current.children.push(made);
    if (!empty) open.push(made);
  }
}

function attributesOf(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, k, v]) => [k, decoded(v ?? "")]),
  );
}

function decoded(text: string): string {
  if (/&(?!#\d+;)/.test(text)) throw new SyntaxError(`a bare & in ${text}`);
  return text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
}
