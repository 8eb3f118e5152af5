// Reads many records a few at a time: each read keeps its own time limit, and other requests get their turn between.

const batchSize = 100;

/** The answers in the order of the items. */
export async function inBatches<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const answers: R[] = [];
  for (let start = 0; start < items.length; start += batchSize) {
    answers.push(...(await Promise.all(items.slice(start, start + batchSize).map(act))));
  }
  return answers;
}
