// Sends the page's form once: a user who comes back because the other site did not answer finds the button.
if (!window.history.state?.isPosted) {
  window.history.replaceState({ isPosted: true }, '');
  document.querySelector('form[data-posts-itself]').requestSubmit();
}
