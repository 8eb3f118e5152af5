// The lists of the documentation, as tests read them: an item that is wrapped over several lines is one text.

export interface ListItem {
  readonly head: string;
  /** The nested items, by the name before their colon. */
  readonly parts: ReadonlyMap<string, string>;
}

export function listItems(text: string): ListItem[] {
  return [...text.matchAll(/^- .+(?:\n {2,}\S.*)*/gm)].map(([item]) => {
    const [head = '', ...parts] = item
      .slice(2)
      .split(/\n {2}- /)
      .map((part) => part.replace(/\n +/g, ' '));
    return { head, parts: new Map(parts.map((part) => [part.split(': ')[0]!, part.replace(/^.*?: /, '')])) };
  });
}
