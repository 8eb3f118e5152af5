// An icon for what a script adds: it refers to a drawing that the page holds (page/icons.ts).
const svgNamespace = 'http://www.w3.org/2000/svg';

export function makeIcon(name) {
  const svg = document.createElementNS(svgNamespace, 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(svgNamespace, 'use');
  use.setAttribute('href', `#icon-${name}`);
  svg.append(use);
  return svg;
}
