// When a role was last used, beside it in the list of accounts too. The server sends the same list for as long as the person
// has these roles; favourites and recents, which it writes for each answer, have the time.
export function showLastUsed(overview) {
  for (const used of overview.querySelectorAll('.quick .used')) {
    const { value } = used.closest('.role').querySelector('input[type=hidden]');
    const box = overview.querySelector(`.account input[type=hidden][value="${CSS.escape(value)}"]`);
    const what = box?.closest('.role').querySelector('.what');
    what?.append(' ', used.cloneNode(true), ' ', ...what.querySelectorAll('.purpose'));
  }
}
