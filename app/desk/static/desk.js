// What the desk adds where scripts run: keys, a live counter, drafts that survive, lists that stay fresh.
"use strict";

const typing = (element) => element.matches("textarea, select, input:not([type=radio], [type=checkbox])");
const byId = (id) => document.getElementById(id);

// --- Length, as X counts it. The server counts again (triage/text/length.py) and is the judge.

const LIGHT = [[0x0000, 0x10ff], [0x2000, 0x200d], [0x2010, 0x201f], [0x2032, 0x2037]];
const LINK = /https?:\/\/[^\s<>"]+/giu;
const LINK_WEIGHT = 23;
const EMOJI = /\p{Emoji_Presentation}|\p{Emoji}\ufe0f|\p{Regional_Indicator}{2}|\p{Emoji}\p{Emoji_Modifier}|\u200d/u;
const clusters = new Intl.Segmenter(undefined, { granularity: "grapheme" });

function weightedLength(text) {
  const normal = text.trim().normalize("NFC");
  let weight = LINK_WEIGHT * (normal.match(LINK) ?? []).length;
  for (const { segment } of clusters.segment(normal.replace(LINK, ""))) {
    const points = [...segment].map((character) => character.codePointAt(0));
    if (points.length > 1 && EMOJI.test(segment)) weight += 2;
    else for (const point of points) weight += LIGHT.some(([low, high]) => low <= point && point <= high) ? 1 : 2;
  }
  return weight;
}

// --- The reply box.

// Where the reply goes: chosen in a case with both legs, the same for all of them in others.
const chosenLeg = () => document.querySelector("input[name=leg]:checked");
const legOf = (box) => chosenLeg()?.value ?? box.dataset.leg;

function count(box) {
  const weight = legOf(box) === "private" ? [...box.value.trim()].length : weightedLength(box.value);
  const limit = Number(chosenLeg()?.dataset.limit ?? box.dataset.limit);
  const counter = byId("counter");
  counter.textContent = `${weight} of ${limit}`;
  counter.classList.toggle("over", weight > limit);
}

// A draft is kept in this tab until it is sent: a session that ends must not cost what was typed. It is its
// writer's alone: nothing of it stays for whoever signs in here next.
function dropDrafts(but = "") {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith("draft ") && !(but && key.startsWith(but))) sessionStorage.removeItem(key);
  }
}

function keepDraft(box, mine, caseId) {
  const key = `${mine}${caseId}`;
  const legKey = `${key} leg`;
  if (document.querySelector("[data-sent]")) for (const one of [key, legKey]) sessionStorage.removeItem(one);
  if (!box) return;
  const keep = () => {
    sessionStorage.setItem(key, box.value);
    sessionStorage.setItem(legKey, legOf(box));
  };
  if (box.value) keep(); // typed before this script ran, on a slow line
  else if ((box.value = sessionStorage.getItem(key) ?? "")) {
    // What was meant for one pair of eyes is not offered to everybody because a post has come in since.
    const leg = sessionStorage.getItem(legKey);
    const meant = document.querySelector(`input[name=leg][value="${leg}"]`);
    if (meant && meant.type === "radio") meant.checked = true;
    else if (leg === "private" && legOf(box) !== "private") box.value = "";
  }
  box.addEventListener("input", keep);
  document.querySelectorAll("input[type=radio][name=leg]").forEach((leg) => leg.addEventListener("change", () => { keep(); count(box); }));
}

// What was typed stays, with the suggestion after it; a suggestion that nobody has touched gives way to another.
// Put in as if typed, so that the browser can take it back: a value that is set cannot be undone.
function putIn(box, text) {
  const untouched = [...document.querySelectorAll("button[name=use]")].some((use) => use.dataset.text === box.value);
  const typed = !untouched && box.value.trim() !== "";
  const put = typed && !/\s$/.test(box.value) ? ` ${text}` : text;
  box.focus();
  box.setSelectionRange(typed ? box.value.length : 0, box.value.length);
  if (document.execCommand("insertText", false, put)) return;
  box.setRangeText(put, box.selectionStart, box.selectionEnd, "end");
  box.dispatchEvent(new Event("input"));
}

function useSuggestions(box) {
  document.addEventListener("click", (event) => {
    const use = event.target.closest("button[name=use]");
    if (!use || !box) return;
    event.preventDefault();
    putIn(box, use.dataset.text);
    byId("snippet").value = use.value;
  });
}

function sendOnce() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!("once" in form.dataset)) return;
    if (form.dataset.once === "sent") event.preventDefault();
    form.dataset.once = "sent";
  });
  // Coming back to the page with the browser's own button must leave the form usable.
  addEventListener("pageshow", () => document.querySelectorAll("form[data-once]").forEach((form) => { form.dataset.once = ""; }));
}

// --- Keys.

function step(by) {
  const rows = [...document.querySelectorAll("#cases .row")];
  if (!rows.length) return;
  let here = rows.indexOf(document.activeElement);
  if (here < 0) here = rows.findIndex((row) => row.hasAttribute("aria-current"));
  const next = rows[here < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, here + by))];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  c: () => document.querySelector("[data-move=claim]")?.click(),
  r: () => (byId("reply") ?? document.querySelector("[data-move=claim]"))?.focus(),
};

function listenToKeys() {
  const box = byId("keys-on");
  const on = () => localStorage.getItem("desk keys") !== "off";
  if (box) {
    box.checked = on();
    box.addEventListener("change", () => localStorage.setItem("desk keys", box.checked ? "on" : "off"));
  }
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && event.target.id === "reply") {
      event.preventDefault();
      event.target.form.requestSubmit();
      return;
    }
    if (event.key === "Escape" && typing(event.target)) event.target.blur();
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || !on()) return;
    const act = KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

// --- Freshness: ask for this very page now and then, and take over what has changed.

function takeOver(id, fresh) {
  const [old, now] = [byId(id), fresh.getElementById(id)];
  if (!old || !now || old.innerHTML === now.innerHTML) return;
  const focused = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  old.replaceChildren(...now.childNodes);
  if (focused) old.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
}

function refreshCase(fresh) {
  const [old, now] = [byId("case"), fresh.getElementById("case")];
  if (!old?.dataset.case || old.dataset.version === now?.dataset.version) return;
  byId("changed").hidden = false;
}

// What a page has that stays fresh: one of these, and what stands around it.
const LISTS = ["queues", "x-status"];

async function refresh() {
  if (document.visibilityState !== "visible") return;
  const say = (text) => { if (byId("live").textContent !== text) byId("live").textContent = text; };
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!fresh.getElementById(LISTS.find(byId))) {
      say(answer.redirected ? "You are signed out. Reload to sign in; what you typed is kept." : "Not up to date: the server could not show the lists.");
      return;
    }
    say("");
    document.title = fresh.title;
    for (const id of ["alarms", "cases", ...LISTS]) takeOver(id, fresh);
    refreshCase(fresh);
  } catch {
    say("Not up to date: the server cannot be reached.");
  }
}

// --- Start.

const box = byId("reply");
const opened = byId("case")?.dataset.case;
const user = document.body.dataset.user;
const mine = `draft ${user} `;
if (user) dropDrafts(mine);
byId("sign-out")?.addEventListener("submit", () => dropDrafts());
if (opened) {
  keepDraft(box, mine, opened);
  const thread = byId("thread");
  thread.scrollTop = thread.scrollHeight;
  document.querySelector("#cases [aria-current]")?.scrollIntoView({ block: "nearest" });
}
if (box) {
  box.addEventListener("input", () => count(box));
  count(box);
}
useSuggestions(box);
sendOnce();
listenToKeys();
if (LISTS.some(byId)) setInterval(refresh, 1000 * Number(document.body.dataset.refreshSeconds));
