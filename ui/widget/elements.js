// Elements of the page.

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter(Boolean));
  return element;
}

function button(className, label, action, ...children) {
  const made = make("button", { type: "button", class: className }, ...(children.length ? children : [label]));
  if (children.length) made.setAttribute("aria-label", label);
  made.addEventListener("click", action);
  return made;
}

const ICONS = {
  ask: "M4 4.5h16v12H11l-4.5 4v-4H4zM8.5 9h7M8.5 12h4.5",
  fold: "M6 9.5l6 6 6-6",
  close: "M6.5 6.5l11 11M17.5 6.5l-11 11",
  send: "M12 19V5.5M6 11.5l6-6 6 6",
  back: "M14.5 5.5L8 12l6.5 6.5",
};

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.append(path);
  return svg;
}

/** Shows or hides; in the top layer where the browser has popovers, else above by z-index. */
function raise(element, isShown) {
  element.hidden = !isShown;
  if (element.isConnected) element.togglePopover?.(isShown);
}

// scrollIntoView would scroll the page as well.
function scrollTo(scroller, element, margin) {
  scroller.scrollTop += element.getBoundingClientRect().top - scroller.getBoundingClientRect().top - margin;
}
