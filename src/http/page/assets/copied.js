// A button that copied says so for two seconds.
export function showCopied(button, words) {
  const [label, use] = [button.querySelector('span'), button.querySelector('use')];
  // A second press within the two seconds finds the button changed.
  label.dataset.name ??= label.textContent;
  label.textContent = words;
  use.setAttribute('href', '#icon-check');
  setTimeout(() => {
    label.textContent = label.dataset.name;
    use.setAttribute('href', '#icon-copy');
  }, 2000);
}
