/** A value found by method and path, with the path's captures. */
export interface RouteMatch<Value> {
  readonly value: Value;
  readonly captures: ReadonlyMap<string, string>;
}

interface Leaf<Value> {
  readonly value: Value;
  readonly captures: readonly string[];
}

interface Node<Value> {
  readonly literals: Map<string, Node<Value>>;
  version: Node<Value> | undefined;
  capture: Node<Value> | undefined;
  readonly byMethod: Map<string, Leaf<Value>>;
}

/** Routes as a tree of path segments: a request walks it once, however many routes there are. */
export interface RouteTree<Value> {
  /** @throws Error when two routes have the same method and pattern */
  readonly add: (method: string, pattern: string, value: Value) => void;
  /** Literal segments win over versions, versions over captures. HEAD is answered by the route of GET. */
  readonly find: (method: string, segments: readonly string[]) => RouteMatch<Value> | undefined;
}

export function createRouteTree<Value>(options: {
  readonly ignoreCase: boolean;
  readonly version: RegExp | undefined;
}): RouteTree<Value> {
  const root = newNode<Value>();
  const fold = (segment: string): string => (options.ignoreCase ? segment.toLowerCase() : segment);

  function add(method: string, pattern: string, value: Value): void {
    const captures: string[] = [];
    let node = root;
    for (const segment of pattern.split('/').slice(1)) {
      const capture = /^\{(\w+)\}$/.exec(segment)?.[1];
      if (capture !== undefined) captures.push(capture);
      node = childOf(node, capture, fold(segment));
    }
    if (node.byMethod.has(method)) throw new Error(`two operations are ${method} ${pattern}`);
    node.byMethod.set(method, { value, captures });
  }

  function walk(
    node: Node<Value>,
    method: string,
    segments: readonly string[],
    depth: number,
    captured: readonly string[],
  ): RouteMatch<Value> | undefined {
    const segment = segments[depth];
    if (segment === undefined) {
      const leaf = node.byMethod.get(method);
      return (
        leaf && {
          value: leaf.value,
          captures: new Map(leaf.captures.map((name, index) => [name, captured[index] ?? ''])),
        }
      );
    }
    const literal = node.literals.get(fold(segment));
    const found = literal && walk(literal, method, segments, depth + 1, captured);
    if (found !== undefined) return found;
    const withThis = [...captured, segment];
    if (node.version !== undefined && options.version?.test(segment) === true) {
      const versioned = walk(node.version, method, segments, depth + 1, withThis);
      if (versioned !== undefined) return versioned;
    }
    return node.capture && walk(node.capture, method, segments, depth + 1, withThis);
  }

  return { add, find: (method, segments) => walk(root, method === 'HEAD' ? 'GET' : method, segments, 0, []) };
}

function newNode<Value>(): Node<Value> {
  return { literals: new Map(), version: undefined, capture: undefined, byMethod: new Map() };
}

function childOf<Value>(node: Node<Value>, capture: string | undefined, literal: string): Node<Value> {
  if (capture === 'version') {
    node.version ??= newNode();
    return node.version;
  }
  if (capture !== undefined) {
    node.capture ??= newNode();
    return node.capture;
  }
  const known = node.literals.get(literal);
  if (known !== undefined) return known;
  const child = newNode<Value>();
  node.literals.set(literal, child);
  return child;
}
