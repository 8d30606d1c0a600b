import { describe, expect, it } from 'vitest';
import { formatProblem, sortProblems } from '../../src/document/problem.ts';
import { parseDocuments } from '../../src/document/source.ts';

function problemsOf(text: string, quoteValues = true): string[] {
  return sortProblems(parseDocuments('p.yaml', text, { quoteValues }).problems).map(formatProblem);
}

describe('parseDocuments', () => {
  it('reads every document of a file and leaves out empty ones', () => {
    const { documents, problems } = parseDocuments('p.yaml', 'a: 1\n---\n# nothing\n---\nb: [x, 2]\n');
    expect(problems).toEqual([]);
    expect(documents.map((document) => document.value)).toEqual([{ a: 1 }, { b: ['x', 2] }]);
  });

  it.each([
    ['a key', ['show', 'b.c'], 'key', 3, 3],
    ['a value', ['show', 'b.c'], 'value', 3, 8],
    ['a list entry', ['list', 1], 'value', 4, 12],
    ['the whole document', [], 'value', 2, 1],
    ['something absent, by what is around it', ['show', 'zzz', 'deep'], 'value', 3, 3],
  ] as const)('tells where %s stands', (_, path, part, line, column) => {
    const [document] = parseDocuments('p.yaml', '---\nshow:\n  b.c: { x: 1 }\nlist: [aa, bb]\n').documents;
    expect(document?.positionOf(path, part)).toEqual({ line, column });
  });

  it.each([
    ['plain', 'rows: a == b', 1, 9],
    ['quoted', 'rows: "a == b"', 1, 10],
    ['literal', 'rows: | # a note\n  a\n  == b\nmore: 1', 3, 3],
    ['folded', 'rows: >-\r\n    a\r\n\r\n    == b', 4, 5],
    ['ended', 'rows: |\n  a\nmore: 1', 2, 4],
    ['escaped: its start', 'rows: "a\\u0020== b"', 1, 7],
  ])('tells where a character of %s text stands', (_, text, line, column) => {
    expect(parseDocuments('p.yaml', text).documents[0]?.positionIn(['rows'], 2)).toEqual({ line, column });
  });

  it.each([
    ['an alias', 'a: &x 1\nb: *x\n', ['p.yaml:1:7 found an anchor', 'p.yaml:2:4 found an alias']],
    ['a key twice', 'a: 1\na: 2\n', ['p.yaml:2:1 found a key that already stands in this mapping']],
    ['a key that is not text', '1: x\n', ['p.yaml:1:1 found a key that is not text']],
    ['an unknown tag', 'a: !js 1\n', ['p.yaml:1:4 found malformed YAML: Unresolved tag']],
    ['an unclosed list', 'a: [1\n', ['found malformed YAML']],
  ])('refuses %s', (_, text, expected) => {
    const found = problemsOf(text);
    expect(found).toHaveLength(expected.length);
    for (const [index, message] of expected.entries()) expect(found[index]).toContain(message);
  });

  it('says how two documents are told apart where the second begins without it', () => {
    const hint =
      'p.yaml:3:1 found a key that already stands in this mapping, expected every key once; between two documents there must be a line ---';
    expect(problemsOf('policy: a\ndeny: No.\npolicy: b\n')).toEqual([hint]);
    expect(problemsOf('policy: a\nfor: { roles: [x], roles: [y] }\n').join()).not.toContain('---');
  });

  it('refuses an alias bomb without unfolding it', () => {
    const levels = Array.from({ length: 30 }, (_, i) => `l${i + 1}: &l${i + 1} [*l${i}, *l${i}]`);
    expect(problemsOf(['l0: &l0 x', ...levels].join('\n')).length).toBeGreaterThan(30);
  });

  it('refuses nesting that would exhaust the stack', () => {
    expect(problemsOf('['.repeat(200_000))).not.toEqual([]);
  });

  it('repeats nothing of the text when values may be secrets', () => {
    const found = problemsOf('token: "s3cret\\q"\nother: !s3cret 1\n', false);
    expect(found.length).toBeGreaterThan(0);
    expect(found.join()).not.toContain('s3cret');
  });

  it('keeps a key named __proto__ an ordinary key', () => {
    const [document] = parseDocuments('p.yaml', '__proto__: { polluted: true }\n').documents;
    expect(Object.hasOwn(document?.value as object, '__proto__')).toBe(true);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
