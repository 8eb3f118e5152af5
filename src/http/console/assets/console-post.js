// Sends the form to AWS once: whoever comes back because AWS did not answer finds the buttons.
if (!window.history.state?.isPosted) {
  window.history.replaceState({ isPosted: true }, '');
  document.getElementById('to-aws').requestSubmit();
}
