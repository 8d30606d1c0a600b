import { describe, expect, it } from 'vitest';
import { compileDescriptor } from '../../../src/crm/generic/compile.ts';

const crm = (operations: unknown[], more: object = {}): unknown => ({
  crm: 'x',
  denial: { body: {} },
  operations,
  ...more,
});

describe('a declaration that is wrong', () => {
  const operation = { name: 'a', method: 'GET', path: '/a/{id}', kind: 'read', object: 'A', answer: 'plain' };

  it.each([
    ['no CRM', {}, []],
    ['a kind that is none', crm([{ ...operation, kind: 'peek' }]), ['operations', 0, 'kind']],
    ['a pattern that is none', crm([operation], { version: '(' }), ['version']],
    ['an id that the path does not hold', crm([{ ...operation, id: 'key' }]), ['operations', 0, 'id']],
    [
      'an object that the path does not hold',
      crm([{ ...operation, object: '{object}' }]),
      ['operations', 0, 'object'],
    ],
    [
      'a selecting parameter that is not declared',
      crm([{ ...operation, select: 'fields' }]),
      ['operations', 0, 'select'],
    ],
    ['a name that stands twice', crm([operation, { ...operation, path: '/b' }]), ['operations', 1, 'name']],
    [
      'a path that stands twice',
      crm([operation, { ...operation, name: 'b', path: '/a/{key}' }]),
      ['operations', 1, 'path'],
    ],
    [
      'records of no object',
      crm([{ name: 'a', method: 'GET', path: '/a', kind: 'read', answer: { records: '/*' } }]),
      ['operations', 0],
    ],
    [
      'objects named by paths that compare without case',
      crm([{ ...operation, object: '{id}' }], { pathsIgnoreCase: true }),
      ['operations', 0, 'object'],
    ],
    ['a path without the version that it has', crm([{ ...operation, path: '/{version}/a' }]), ['version']],
    [
      'a part of a segment in braces',
      crm([{ ...operation, path: '/a/{id}.json' }]),
      ['operations', 0, 'path'],
    ],
    [
      'a segment that no request has in this form',
      crm([{ ...operation, path: '/a%20b' }]),
      ['operations', 0, 'path'],
    ],
    ['a name for two segments', crm([{ ...operation, path: '/{id}/{id}' }]), ['operations', 0, 'path']],
    [
      'rows of no object',
      crm([{ name: 'a', method: 'GET', path: '/a', kind: 'read', answer: 'csv' }]),
      ['operations', 0],
    ],
    [
      'a look-up of no object',
      crm([{ name: 'a', method: 'GET', path: '/a/{id}', kind: 'read', lookup: 'email', answer: 'plain' }]),
      ['operations', 0],
    ],
    [
      'a parameter for a field of no object',
      crm([
        {
          name: 'a',
          method: 'GET',
          path: '/a',
          kind: 'read',
          parameters: { q: { field: 'email', position: 'filter' } },
          answer: 'plain',
        },
      ]),
      ['operations', 0],
    ],
    [
      'a look-up by no segment',
      crm([{ ...operation, path: '/a', lookup: 'email' }]),
      ['operations', 0, 'lookup'],
    ],
    ['an object without a name', crm([{ ...operation, object: '' }]), ['operations', 0, 'object']],
    ['one with braces in it', crm([{ ...operation, object: 'A{id}' }]), ['operations', 0, 'object']],
    ['one of a name in paths', crm([operation], { objects: { as: '' } }), ['objects', 'as']],
    ['a segment that is resolved away', crm([{ ...operation, path: '/a/../b' }]), ['operations', 0, 'path']],
    ['parameters of a segment', crm([{ ...operation, path: '/a;b' }]), ['operations', 0, 'path']],
    ["a built-in CRM's name", crm([operation], { crm: 'salesforce' }), ['crm']],
    [
      'a position in a list, which pointers cannot tell from a name',
      crm([{ ...operation, answer: { records: '/items/0' } }]),
      ['operations', 0, 'answer', 'records'],
    ],
    [
      'an id in several places of a record',
      crm([{ ...operation, answer: { records: '/items/*', id: '/items/*/id' } }]),
      ['operations', 0, 'answer', 'id'],
    ],
    [
      'a media type that is none',
      crm([operation], { denial: { contentType: 'text/html\r\nx: y', body: {} } }),
      ['denial', 'contentType'],
    ],
    [
      'pointers that contradict each other',
      crm([{ ...operation, answer: { records: '/a/*', counts: ['/a/b'] } }]),
      ['operations', 0, 'answer'],
    ],
    [
      'a pointer into a record from outside',
      crm([{ ...operation, answer: { records: '/a', counts: ['/a/b'] } }]),
      ['operations', 0, 'answer'],
    ],
  ])('names the place of %s', (_, value, path) => {
    expect(compileDescriptor(value).errors?.map((error) => error.path)).toContainEqual(path);
  });
});
