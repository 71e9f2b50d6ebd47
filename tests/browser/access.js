// What a person with a screen reader or a keyboard trips over, as texts; [] when nothing. Runs in the page.
() => {
  const found = [];
  const say = (what, node) => found.push(what + ": " + node.outerHTML.replace(/\s+/g, " ").slice(0, 140));
  const shown = (node) => !!(node.offsetParent || node.getClientRects().length) && getComputedStyle(node).visibility !== "hidden";
  const text = (id) => { const node = document.getElementById(id); return node ? node.textContent.trim() : ""; };
  const name = (node) =>
    (node.getAttribute("aria-label") || "").trim() ||
    (node.getAttribute("aria-labelledby") || "").split(" ").map(text).join("") ||
    Array.from(node.labels || []).map((label) => label.textContent.trim()).join("") ||
    (node.title || "").trim();
  if (!document.documentElement.lang) found.push("no lang");
  if (!document.title.replace("· 帮扶通", "").trim()) found.push("no title");
  if (document.querySelectorAll("main").length !== 1) found.push("not one main");
  if (document.querySelectorAll("h1").length !== 1) found.push("not one h1: " + document.querySelectorAll("h1").length);
  const ids = new Set();
  document.querySelectorAll("[id]").forEach((node) => { if (ids.has(node.id)) say("id twice", node); ids.add(node.id); });
  document.querySelectorAll("input:not([type=hidden]),select,textarea").forEach((node) => { if (shown(node) && !name(node)) say("field without a name", node); });
  document.querySelectorAll("button,a[href],[role=button]").forEach((node) => { if (shown(node) && !node.textContent.trim() && !name(node) && !node.querySelector("img[alt]:not([alt=''])")) say("nothing to read", node); });
  document.querySelectorAll("img:not([alt])").forEach((node) => say("picture without alt", node));
  document.querySelectorAll("svg:not([aria-hidden=true]):not([role=img])").forEach((node) => { if (shown(node) && !node.closest("[aria-hidden=true],[role=img]")) say("picture neither hidden nor named", node); });
  document.querySelectorAll("[role=img]").forEach((node) => { if (!name(node)) say("picture without a name", node); });
  ["aria-describedby", "aria-labelledby", "aria-controls"].forEach((attribute) => document.querySelectorAll("[" + attribute + "]").forEach((node) => node.getAttribute(attribute).split(/\s+/).filter(Boolean).forEach((id) => { if (!document.getElementById(id)) say(attribute + " to nothing (" + id + ")", node); })));
  document.querySelectorAll("table").forEach((node) => { if (shown(node) && !node.querySelector("th") && !node.closest("dialog,[role=presentation]")) say("table without heads", node); });
  document.querySelectorAll("[style]").forEach((node) => { if (!node.closest(".fp-chart,.dropdown-menu,dialog")) say("style attribute", node); });
  return found;
}
