// One typing error in a word: a letter wrong, missing or too many, or two in the wrong order.

/** Where a word of the field begins with `word` but for one error, as `[start, end]`, or undefined. */
export function typoRange(field, word, isBreak) {
  for (let start = 0; start < field.length; start++) {
    if (isBreak(field[start]) || (start > 0 && !isBreak(field[start - 1]))) continue;
    const end = endOf(field, start, word);
    if (end !== undefined) return [start, end];
  }
  return undefined;
}

function endOf(field, start, word) {
  let same = 0;
  while (same < word.length && field[start + same] === word[same]) same++;
  const at = start + same;
  const swapped = field[at] === word[same + 1] && field[at + 1] === word[same];
  // How far the word goes on after the error, in the field and in the word.
  const ways = [...(swapped ? [[2, 2]] : []), [1, 1], [1, 0], [0, 1]];
  for (const [inField, inWord] of ways) {
    const rest = word.slice(same + inWord);
    if (field.startsWith(rest, at + inField) && at + inField + rest.length <= field.length) {
      return at + inField + rest.length;
    }
  }
  return undefined;
}
