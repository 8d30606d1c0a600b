/** The part of a JSON schema that substitution reads. */
export interface SchemaNode {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
}

export interface UnsetVariable {
  readonly path: readonly (string | number)[];
  readonly name: string;
}

const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/**
 * Puts environment variables in place of `${NAME}` and `${NAME:-default}` in every string of a parsed document, in
 * place. Substitution happens after parsing, so a variable's value can never become structure. Where the schema wants a
 * number or a boolean, the text is read as one.
 */
export function substituteEnvironment(
  value: unknown,
  schema: SchemaNode | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): { readonly value: unknown; readonly unset: readonly UnsetVariable[] } {
  const unset: UnsetVariable[] = [];

  function walk(node: unknown, at: SchemaNode | undefined, path: readonly (string | number)[]): unknown {
    if (typeof node === 'string') return substitute(node, at, path);
    if (Array.isArray(node)) return node.map((item, index) => walk(item, at?.items, [...path, index]));
    if (typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(
      Object.entries(node).map(([key, child]) => [key, walk(child, at?.properties?.[key], [...path, key])]),
    );
  }

  function substitute(text: string, at: SchemaNode | undefined, path: readonly (string | number)[]): unknown {
    if (!text.includes('${')) return text;
    const filled = text.replace(REFERENCE, (_, name: string, fallback: string | undefined) => {
      const found = environment[name] ?? fallback;
      if (found === undefined) unset.push({ path, name });
      return found ?? '';
    });
    return typed(filled, at?.type);
  }

  return { value: walk(value, schema, []), unset };
}

function typed(text: string, type: string | undefined): unknown {
  if ((type === 'integer' || type === 'number') && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}
