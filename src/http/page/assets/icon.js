// An icon for what a script adds: a copy of a drawing that the page holds (page/icons.ts).
export function makeIcon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  svg.append(...document.getElementById(`icon-${name}`).cloneNode(true).childNodes);
  return svg;
}
