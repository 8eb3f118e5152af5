// Sentences with places to fill, and lengths of time in them, in the words that the server sent along.

export const fill = (template, ...values) => template.replace(/\{(\d)\}/g, (_, index) => values[Number(index)]);

/** Milliseconds as words: `1 h 5 min`. */
export function length(text, milliseconds, { seconds } = { seconds: false }) {
  const all = Math.max(0, Math.floor(milliseconds / 1000));
  const parts = [
    [text.hours, Math.floor(all / 3600)],
    [text.minutes, Math.floor((all % 3600) / 60)],
    [text.seconds, seconds ? all % 60 : 0],
  ];
  return parts
    .filter(([, count]) => count > 0)
    .map(([unit, count]) => fill(unit, count))
    .join(' ');
}
