/** Date-based versions stand after the name of the area, numbered ones before it. */
export function versioned(root: string, area: string, rest = ''): string[] {
  return [`${root}/{version}${area}${rest}`, `${root}${area}/{version}${rest}`];
}
