// Everything here only makes shorter what works without it.

const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const make = (name, fields) => Object.assign(document.createElement(name), fields);

const live = make("p", { className: "sr", role: "status" });
document.body.append(live);
function say(text) {
  live.textContent = "";
  setTimeout(() => (live.textContent = text), 50);
}

// Copy: data-copy="#id". The clipboard is closed to pages without https; a selection is not.
async function copy(button) {
  const from = one(button.dataset.copy);
  const text = from.value ?? from.textContent.trim();
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const box = make("textarea", { value: text });
    button.after(box);
    box.select();
    const done = document.execCommand("copy");
    box.remove();
    button.focus();
    if (!done) {
      getSelection().selectAllChildren(from);
      return say("Selected. Copy it with the keyboard.");
    }
  }
  const word = one("[data-word]", button) ?? button;
  word.dataset.was ??= word.textContent;
  word.textContent = "Copied";
  say("Copied");
  setTimeout(() => (word.textContent = word.dataset.was), 2000);
}

// Reveal: data-reveal="#id"
function reveal(button) {
  button.setAttribute("aria-pressed", one(button.dataset.reveal).toggleAttribute("data-shown"));
}

// Confirm: the page that a link leads to, in a dialog. Whatever is not as it should be is left to the page itself.
async function confirm(link) {
  let main;
  try {
    const answer = await fetch(link.href, { headers: { accept: "text/html" } });
    if (answer.ok && !answer.redirected) {
      main = one("main:has(form)", new DOMParser().parseFromString(await answer.text(), "text/html"));
    }
  } catch {}
  if (!main) return location.assign(link.href);
  const dialog = make("dialog", { className: "dialog" });
  dialog.append(...main.childNodes);
  // Its fields must not be taken for fields of the page below.
  for (const name of ["id", "for", "aria-describedby", "aria-labelledby"]) {
    all(`[${name}]`, dialog).forEach((each) => each.setAttribute(name, each.getAttribute(name).replace(/\S+/g, "dialog-$&")));
  }
  dialog.ariaLabel = one("h1", dialog)?.textContent;
  dialog.addEventListener("close", () => {
    dialog.remove();
    link.focus();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target !== dialog && !event.target.closest("[data-cancel]")) return;
    event.preventDefault();
    dialog.close();
  });
  document.body.append(dialog);
  start(dialog);
  dialog.showModal();
  one("[data-cancel]", dialog)?.focus();
}

// Dates: data-days="30" and data-never set the form's date field, or the one that data-for="#id" names.
function preset({ dataset, form }) {
  const field = dataset.for ? one(dataset.for) : one("input[type=date]", form);
  if (!field) return;
  const day = dataset.days && new Date(Date.now() + dataset.days * 864e5);
  field.value = day ? day.toISOString().slice(0, 10) : "";
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

// The sentence that says what a new token will be able to do
const list = new Intl.ListFormat("en-GB");
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

function summarise(place) {
  const form = place.closest("form");
  const bold = (text) => make("b", { textContent: text });
  const can = all("[data-phrase]:checked", form).map((box) => box.dataset.phrase);
  const role = one("select[data-role]", form)?.selectedOptions[0]?.textContent.trim();
  const date = one("input[type=date]", form)?.value;
  const never = one("[name=expires]:checked", form)?.value === "never";
  place.hidden = !can.length;
  place.replaceChildren("This token will be able to ", bold(list.format(can)));
  if (place.dataset.subject) place.append(" in ", bold(place.dataset.subject));
  if (role) place.append(/^[AEIO]/.test(role) ? " as an " : " as a ", bold(role));
  if (never) place.append(", ", bold("with no end"), ".");
  else if (date) place.append(" until ", bold(`${day.format(new Date(date))}, 00:00 UTC`), ".");
  else place.append(". Choose when it ends.");
}

// Tabs: the headings of the panels become the tabs.
function tabs(box, number) {
  const bar = make("div", { className: "tablist", role: "tablist", ariaLabel: box.dataset.tabs });
  const panels = all(".tab-panel", box);
  const buttons = panels.map((panel, i) => {
    const head = one("h2, h3, h4", panel);
    const tab = make("button", { type: "button", role: "tab", id: `tab-${number}-${i}`, textContent: head.textContent });
    panel.id ||= `panel-${number}-${i}`;
    panel.role = "tabpanel";
    panel.setAttribute("aria-labelledby", tab.id);
    tab.setAttribute("aria-controls", panel.id);
    head.hidden = true;
    return tab;
  });
  const show = (chosen) =>
    buttons.forEach((tab, i) => {
      tab.ariaSelected = i === chosen;
      tab.tabIndex = i === chosen ? 0 : -1;
      panels[i].hidden = i !== chosen;
    });
  bar.addEventListener("click", (event) => {
    const at = buttons.indexOf(event.target);
    if (at >= 0) show(at);
  });
  bar.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(event.target);
    const count = buttons.length;
    const to = { ArrowRight: (at + 1) % count, ArrowLeft: (at + count - 1) % count, Home: 0, End: count - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    show(to);
    buttons[to].focus();
  });
  bar.append(...buttons);
  box.prepend(bar);
  show(0);
}

// Tables: data-all="ids[]" chooses every box of that name; data-count says how many are chosen.
const rows = (head) => all(`[name="${head.dataset.all}"]:enabled`, head.form);

function count(head) {
  const boxes = rows(head);
  const chosen = boxes.filter((box) => box.checked).length;
  head.checked = chosen > 0 && chosen === boxes.length;
  head.indeterminate = chosen > 0 && !head.checked;
  all("[data-count]", head.form).forEach((place) => (place.textContent = chosen ? `${chosen} chosen` : "None chosen"));
}

addEventListener("click", (event) => {
  const { target } = event;
  all("details.menu[open]").forEach((menu) => (menu.open = menu.contains(target)));
  const at = target.closest?.("[data-copy], [data-reveal], a[data-dialog], button[data-days], button[data-never]");
  if (!at) return;
  if (at.dataset.copy) copy(at);
  else if (at.dataset.reveal) reveal(at);
  else if (at.matches("button")) preset(at);
  else if (!(event.metaKey || event.ctrlKey || event.shiftKey)) {
    event.preventDefault();
    confirm(at);
  }
});

addEventListener("change", ({ target }) => {
  if (target.matches("input[data-days], input[data-never]")) preset(target);
  if (target.dataset.all) rows(target).forEach((box) => (box.checked = target.checked));
  if (target.form) all("[data-all]", target.form).forEach(count);
});

addEventListener("input", ({ target }) => {
  if (target.form) all("[data-summary]", target.form).forEach(summarise);
});

addEventListener("keydown", ({ key }) => {
  const menu = key === "Escape" && one("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  one("summary", menu).focus();
});

function start(root) {
  all("[name=expires][data-days]:checked", root).forEach(preset);
  all("[data-summary]", root).forEach(summarise);
  all("[data-tabs]", root).forEach(tabs);
  all("[data-all]", root).forEach((head) => {
    head.closest("[hidden]")?.removeAttribute("hidden");
    count(head);
  });
}

start(document);
one(".errors")?.focus();
if (!CSS.supports("selector(::details-content)") && matchMedia("(min-width: 900px)").matches) {
  all("details.nav").forEach((nav) => (nav.open = true));
}
