// Everything here only makes shorter what works without it.

const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

const live = document.createElement("p");
live.className = "sr";
live.setAttribute("role", "status");
document.body.append(live);

const say = (text) => {
  live.textContent = "";
  setTimeout(() => (live.textContent = text), 50);
};

/* Copy: data-copy="#id" */

async function copy(button) {
  const from = one(button.dataset.copy);
  const text = from.value ?? from.textContent.trim();
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // The clipboard is closed to pages without https: the selection is not.
    const box = document.createElement("textarea");
    box.value = text;
    (button.closest("dialog") ?? document.body).append(box);
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

/* Reveal: data-reveal="#id" */

function reveal(button) {
  const secret = one(button.dataset.reveal);
  const shown = secret.toggleAttribute("data-shown");
  button.setAttribute("aria-pressed", shown);
}

/* Confirmation: the page that a link leads to, in a dialog */

async function confirm(link) {
  let page;
  try {
    const answer = await fetch(link.href, { headers: { accept: "text/html" } });
    if (!answer.ok || answer.redirected) throw new Error();
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return location.assign(link.href);
  }
  const main = one("main", page);
  if (!main || !one("form", main)) return location.assign(link.href);
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  const title = one("h1", main);
  if (title) {
    title.id = "dialog-title";
    dialog.setAttribute("aria-labelledby", title.id);
  }
  dialog.append(...main.childNodes);
  dialog.addEventListener("close", () => {
    dialog.remove();
    link.focus();
  });
  dialog.addEventListener("click", (event) => {
    const cancel = event.target.closest("[data-cancel]");
    if (cancel || event.target === dialog) {
      event.preventDefault();
      dialog.close();
    }
  });
  document.body.append(dialog);
  dialog.showModal();
  one("[data-cancel]", dialog)?.focus();
}

/* Dates: data-days="30" and data-never set the date field that data-for names */

const inDays = (days) => new Date(Date.now() + days * 864e5).toISOString().slice(0, 10);

function preset(from) {
  const field = one(from.dataset.for ?? "#expires_at");
  if (!field) return;
  const days = from.dataset.days;
  if (days) field.value = inDays(Number(days));
  else if ("never" in from.dataset) field.value = "";
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/* The sentence that says what a new token will be able to do */

const list = new Intl.ListFormat("en-GB", { type: "conjunction" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

function summarise(place) {
  const form = place.closest("form");
  const can = all("[data-phrase]:checked", form).map((box) => box.dataset.phrase);
  const role = one("select[data-role]", form)?.selectedOptions[0];
  const until = one("[name=expires]:checked", form);
  const date = one("input[type=date]", form);
  const never = until ? until.value === "never" : !date?.value;
  const where = place.dataset.subject;
  const bold = (text) => Object.assign(document.createElement("b"), { textContent: text });
  place.hidden = can.length === 0;
  if (place.hidden) return place.replaceChildren();
  place.replaceChildren("This token will be able to ", bold(list.format(can)));
  if (where) place.append(" in ", bold(where));
  if (role?.value) {
    const name = role.textContent.trim();
    place.append(/^[AEIO]/.test(name) ? " as an " : " as a ", bold(name));
  }
  if (never) place.append(", ", bold("with no end"), ".");
  else if (date?.value) place.append(" until ", bold(`${day.format(new Date(date.value))}, 00:00 UTC`), ".");
  else place.append(". Choose when it ends.");
}

/* Tabs: the headings of the panels become the tabs */

function tabs(box, number) {
  const panels = all(".tab-panel", box);
  const bar = document.createElement("div");
  bar.className = "tablist";
  bar.setAttribute("role", "tablist");
  bar.setAttribute("aria-label", box.dataset.tabs || "Choose");
  const buttons = panels.map((panel, i) => {
    const head = one("h2, h3, h4", panel);
    const tab = document.createElement("button");
    tab.type = "button";
    tab.id = `tab-${number}-${i}`;
    tab.textContent = head.textContent;
    tab.setAttribute("role", "tab");
    panel.id ||= `panel-${number}-${i}`;
    tab.setAttribute("aria-controls", panel.id);
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    head.hidden = true;
    return tab;
  });
  const show = (chosen, focus) => {
    buttons.forEach((tab, i) => {
      tab.setAttribute("aria-selected", i === chosen);
      tab.tabIndex = i === chosen ? 0 : -1;
      panels[i].hidden = i !== chosen;
    });
    if (focus) buttons[chosen].focus();
  };
  bar.addEventListener("click", (event) => {
    const at = buttons.indexOf(event.target);
    if (at >= 0) show(at);
  });
  bar.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(event.target);
    const last = buttons.length - 1;
    const to = { ArrowRight: at < last ? at + 1 : 0, ArrowLeft: at > 0 ? at - 1 : last, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    show(to, true);
  });
  bar.append(...buttons);
  box.prepend(bar);
  show(0);
}

/* Tables: data-all="ids" chooses every box of that name; data-count says how many are chosen */

function chosen(form) {
  const head = one("[data-all]", form);
  if (!head) return;
  const boxes = all(`[name="${head.dataset.all}"]`, form);
  const count = boxes.filter((box) => box.checked).length;
  head.checked = count > 0 && count === boxes.length;
  head.indeterminate = count > 0 && count < boxes.length;
  all("[data-count]", form).forEach((place) => (place.textContent = count ? `${count} chosen` : "None chosen"));
}

/* One listener for each kind of event */

addEventListener("click", (event) => {
  const at = event.target.closest?.("[data-copy], [data-reveal], a[data-dialog], button[data-days], button[data-never]");
  all("details.menu[open]").forEach((menu) => menu.contains(event.target) || (menu.open = false));
  if (!at) return;
  if (at.dataset.copy) copy(at);
  else if (at.dataset.reveal) reveal(at);
  else if (at.tagName === "BUTTON") preset(at);
  else if (!(event.metaKey || event.ctrlKey || event.shiftKey || event.button)) {
    event.preventDefault();
    confirm(at);
  }
});

addEventListener("change", (event) => {
  const { target } = event;
  if (target.matches("input[data-days], input[data-never]")) preset(target);
  if (target.dataset.all) all(`[name="${target.dataset.all}"]`, target.form).forEach((box) => (box.checked = target.checked));
  if (target.form) chosen(target.form);
});

addEventListener("input", (event) => {
  const place = event.target.form && one("[data-summary]", event.target.form);
  if (place) summarise(place);
});

addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest?.("details.menu[open]") ?? one("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  one("summary", menu).focus();
});

/* At once */

all("[data-summary]").forEach((place) => {
  const checked = one("[name=expires]:checked[data-days]", place.closest("form"));
  if (checked) preset(checked);
  summarise(place);
});
all("[data-tabs]").forEach(tabs);
all("[data-all]").forEach((head) => {
  head.closest("[hidden]")?.removeAttribute("hidden");
  chosen(head.form);
});
one(".errors")?.focus();
if (!CSS.supports("selector(::details-content)") && matchMedia("(min-width: 900px)").matches) {
  all("details.nav").forEach((nav) => (nav.open = true));
}
