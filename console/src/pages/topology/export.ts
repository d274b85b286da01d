// The picture as a file of its own: what the style sheets say is written into each element.

const properties = [
  "display",
  "color",
  "fill",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "opacity",
  "font-family",
  "font-size",
  "text-anchor",
] as const;

const left = [
  "class",
  "role",
  "tabindex",
  "aria-label",
  "aria-pressed",
  "aria-expanded",
  "aria-describedby",
  "data-key",
];

export function standAlone(picture: SVGSVGElement, width: number, height: number): string {
  const copy = picture.cloneNode(true) as SVGSVGElement;
  const from = [picture, ...picture.querySelectorAll("*")];
  const to = [copy, ...copy.querySelectorAll("*")];
  to.forEach((element, index) => {
    const original = from[index];
    if (!original) return;
    const style = getComputedStyle(original);
    for (const name of properties) {
      const value = style.getPropertyValue(name);
      if (value) element.setAttribute(name, value);
    }
    for (const name of left) element.removeAttribute(name);
    // An icon is as large as its letters.
    if (element.getAttribute("width") === "1em") {
      element.setAttribute("width", style.fontSize);
      element.setAttribute("height", style.fontSize);
    }
  });
  const background = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  background.setAttribute("width", String(width));
  background.setAttribute("height", String(height));
  background.setAttribute("fill", getComputedStyle(picture.parentElement ?? picture).backgroundColor);
  copy.prepend(background);
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  return new XMLSerializer().serializeToString(copy);
}

export function save(text: string, name: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
